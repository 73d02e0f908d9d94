// TextEncoder, TextDecoder, structuredClone, Blob, Headers, Request and Response without a network.
console.log(new TextEncoder().encode('aü😀'), new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff])));
const decoder = new TextDecoder();
console.log(decoder.decode(new Uint8Array([0xf0, 0x9f]), { stream: true }) + decoder.decode(new Uint8Array([0x98, 0x80])));
try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])); } catch (error) { console.log(error.name, error.code); }
console.log(new TextDecoder('utf-16le').decode(new Uint8Array([0x61, 0, 0xac, 0x20])), new TextEncoder().encode('\ud800'));
const headers = new Headers({ 'Content-Type': 'text/plain', 'X-B': '1' });
headers.append('x-b', '2'); headers.set('Accept', '*/*');
console.log([...headers], headers.get('X-b'), headers.has('nope'), headers.get('nope'));
const response = new Response(JSON.stringify({ a: 1 }), { status: 201, headers: { 'content-type': 'application/json' } });
console.log(response.ok, response.status, response.bodyUsed, await response.clone().text(), await response.json(), response.bodyUsed);
await response.text().catch((error) => console.log(error.name));
const request = new Request('https://example.com/x?y=1', { method: 'post', body: new URLSearchParams({ a: 'b c' }) });
console.log(request.method, request.url, request.headers.get('content-type'), await request.text());
const blob = new Blob(['a', new Uint8Array([98]), 'ç'], { type: 'text/plain' });
console.log(blob.size, blob.type, await blob.text(), await blob.slice(1, 2).text());
console.log(await Response.json({ x: 1 }).json(), (await new Response('text').arrayBuffer()).byteLength, Response.json([]).headers.get('content-type'));
const stream = new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('stream')); c.close(); } });
console.log(await new Response(stream).text());
try { structuredClone(() => {}); } catch (error) { console.log(error.name); }
console.log(new DOMException('m', 'AbortError').name, AbortSignal.abort().reason.name, await fetch('data:text/plain,hi%20there').then((r) => r.text()));
