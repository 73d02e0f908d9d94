// `Blob`, `File` and `FormData`.

import { system } from '../system.js';
import { copied } from './encoding.js';
import { ReadableStream, concatenated } from './streams.js';

export class Blob {
  #bytes;
  constructor(parts = [], { type = '' } = {}) {
    this.#bytes = concatenated([new Uint8Array(0), ...[...parts].map((part) => (part instanceof Blob ? part.#bytes
      : typeof part === 'object' && part !== null && (ArrayBuffer.isView(part) || part instanceof ArrayBuffer) ? copied(part) : system.utf8(String(part))))]);
    this.type = String(type).toLowerCase();
  }
  get size() { return this.#bytes.length; }
  async arrayBuffer() { return this.#bytes.slice().buffer; }
  async bytes() { return this.#bytes.slice(); }
  async text() { return system.text(this.#bytes, false); }
  slice(start, end, type = '') { return new Blob([this.#bytes.slice(start, end)], { type }); }
  stream() {
    const bytes = this.#bytes;
    return new ReadableStream({ start(controller) { if (bytes.length) controller.enqueue(bytes); controller.close(); } });
  }
  static bytes(blob) { return blob.#bytes; }
}

export class File extends Blob {
  constructor(parts, name, options = {}) {
    super(parts, options);
    this.name = String(name);
    this.lastModified = options.lastModified ?? Date.now();
  }
}

export class FormData {
  #pairs = [];
  #entry(value, filename) {
    if (!(value instanceof Blob)) return String(value);
    return value instanceof File && filename === undefined ? value : new File([value], filename ?? 'blob', { type: value.type });
  }
  append(name, value, filename) { this.#pairs.push([String(name), this.#entry(value, filename)]); }
  set(name, value, filename) { this.delete(name); this.append(name, value, filename); }
  delete(name) { this.#pairs = this.#pairs.filter(([key]) => key !== String(name)); }
  get(name) { return this.#pairs.find(([key]) => key === String(name))?.[1] ?? null; }
  getAll(name) { return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value); }
  has(name) { return this.#pairs.some(([key]) => key === String(name)); }
  forEach(callback, receiver) { for (const [name, value] of this) callback.call(receiver, value, name, this); }
  *entries() { yield* this.#pairs.map((pair) => [...pair]); }
  *keys() { for (const [name] of this.#pairs) yield name; }
  *values() { for (const [, value] of this.#pairs) yield value; }
  [Symbol.iterator]() { return this.entries(); }
}

const quoted = (name) => name.replace(/"/g, '%22').replace(/\r?\n/g, '%0D%0A');

// The form as `multipart/form-data`.
export function multipart(form) {
  const boundary = `----seawall${system.toHex(system.random(12))}`;
  const parts = [];
  for (const [name, value] of form) {
    const isFile = value instanceof File;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${isFile ? `; filename="${quoted(value.name)}"` : ''}\r\n`;
    parts.push(system.utf8(`${head}${isFile ? `Content-Type: ${value.type || 'application/octet-stream'}\r\n` : ''}\r\n`));
    parts.push(isFile ? Blob.bytes(value) : system.utf8(value.replace(/\r?\n/g, '\r\n')), system.utf8('\r\n'));
  }
  parts.push(system.utf8(`--${boundary}--\r\n`));
  return { bytes: concatenated(parts), type: `multipart/form-data; boundary=${boundary}` };
}
