// The streams standard, by `web-streams-polyfill` (it comes with the extras, see ../extras.js), and the byte helpers that
// `fetch` needs of it.

export let ReadableStream;
export let WritableStream;
export let TransformStream;
export let streams;

export function installStreams(given) {
  ({ ReadableStream, WritableStream, TransformStream } = given);
  streams = given;
}

export function concatenated(chunks) {
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

export async function drained(stream) {
  const reader = stream.getReader();
  const chunks = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatenated(chunks.length ? chunks : [new Uint8Array(0)]);
    chunks.push(typeof value === 'string' ? new TextEncoder().encode(value) : value);
  }
}
