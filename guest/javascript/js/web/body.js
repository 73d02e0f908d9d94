// What `Request` and `Response` share: a body that is read once, as text, JSON, bytes, a form or a stream.

import { system } from '../system.js';
import { Blob, FormData, multipart } from './blob.js';
import { copied } from './encoding.js';
import { ReadableStream, drained } from './streams.js';
import { URLSearchParams } from './url.js';

// `{ bytes | stream, type }` for anything that may be given as a body; `type` is the content type it brings along.
export function extracted(body) {
  if (body === null || body === undefined) return { bytes: null, type: null };
  if (body instanceof ReadableStream) return { stream: body, type: null };
  if (body instanceof Blob) return { bytes: Blob.bytes(body), type: body.type || null };
  if (body instanceof FormData) return multipart(body);
  if (body instanceof URLSearchParams) return { bytes: system.utf8(body.toString()), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { bytes: copied(body), type: null };
  if (typeof body === 'object' && typeof body[Symbol.asyncIterator] === 'function') return { stream: streamOf(body), type: null };
  return { bytes: system.utf8(String(body)), type: 'text/plain;charset=UTF-8' };
}

function streamOf(iterable) {
  const iterator = iterable[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === 'string' ? system.utf8(value) : value);
    },
  });
}

export class Body {
  #source = { bytes: null };
  #stream = null;
  #isUsed = false;

  setBody(source) { this.#source = source; }

  get body() {
    if (this.#source.stream) return this.#source.stream;
    if (this.#source.bytes === null) return null;
    const { bytes } = this.#source;
    this.#stream ??= new ReadableStream({ start(controller) { if (bytes.length) controller.enqueue(bytes); controller.close(); } });
    return this.#stream;
  }
  get bodyUsed() { return this.#isUsed || Boolean((this.#source.stream ?? this.#stream)?._disturbed); }

  async take() {
    if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
    if ((this.#source.stream ?? this.#stream)?.locked) throw new TypeError('Body is unusable: Body is locked');
    if (this.#source.bytes === null) return new Uint8Array(0);
    this.#isUsed = true;
    return this.#source.stream ? drained(this.#source.stream) : this.#source.bytes;
  }
  // The source for a copy; a stream is split in two.
  split() {
    if (this.bodyUsed) throw new TypeError('Response.clone: Body has already been consumed.');
    if (!this.#source.stream) return this.#source;
    const [first, second] = this.#source.stream.tee();
    this.#source = { stream: first };
    return { stream: second };
  }
  async arrayBuffer() { return copied(await this.take()).buffer; }
  async bytes() { return copied(await this.take()); }
  async blob() { return new Blob([await this.take()], { type: this.headers.get('content-type') ?? '' }); }
  async text() { const text = system.text(await this.take(), false); return text.startsWith('\ufeff') ? text.slice(1) : text; }
  async json() { return JSON.parse(await this.text()); }
  async formData() {
    const form = new FormData();
    if (!/^application\/x-www-form-urlencoded/i.test(this.headers.get('content-type') ?? '')) {
      throw new TypeError('Response.formData: only application/x-www-form-urlencoded is understood here');
    }
    for (const [name, value] of new URLSearchParams(await this.text())) form.append(name, value);
    return form;
  }
}
