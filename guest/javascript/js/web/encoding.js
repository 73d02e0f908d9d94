// `TextEncoder`, `TextDecoder`, `atob` and `btoa`. Decoding knows UTF-8, UTF-16LE and Latin-1 (windows-1252's lower half).

import { system } from '../system.js';
import { coded } from '../errors.js';

const LABELS = { 'utf-8': 'utf-8', utf8: 'utf-8', 'unicode-1-1-utf-8': 'utf-8', 'utf-16le': 'utf-16le', 'utf-16': 'utf-16le', ucs2: 'utf-16le',
  latin1: 'windows-1252', 'iso-8859-1': 'windows-1252', ascii: 'windows-1252', 'us-ascii': 'windows-1252', 'windows-1252': 'windows-1252' };

export function bytesOf(source) {
  if (source === undefined) return new Uint8Array(0);
  if (source instanceof Uint8Array) return source;
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  throw coded(new TypeError('The "input" argument must be an instance of ArrayBuffer or ArrayBufferView.'), 'ERR_INVALID_ARG_TYPE');
}

// Bytes of their own; `slice` won't do, because a `Buffer`'s shares its memory.
export function copied(source) {
  const bytes = bytesOf(source);
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

export class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') { return system.utf8(String(text)); }
  encodeInto(text, target) {
    let read = 0;
    let written = 0;
    for (const character of text) {
      const bytes = system.utf8(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

// How many bytes at the end belong to a character that isn't complete yet.
function incompleteTail(bytes) {
  for (let n = 1; n <= 3 && n <= bytes.length; n++) {
    const byte = bytes[bytes.length - n];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > n ? n : 0;
  }
  return 0;
}

function joined(a, b) {
  if (!a.length) return b;
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

export class TextDecoder {
  #rest = new Uint8Array(0);
  #isStarted = false;
  constructor(label = 'utf-8', options = {}) {
    const encoding = LABELS[String(label).trim().toLowerCase()];
    if (!encoding) throw coded(new RangeError(`The "${label}" encoding is not supported`), 'ERR_ENCODING_NOT_SUPPORTED');
    this.encoding = encoding;
    this.fatal = Boolean(options.fatal);
    this.ignoreBOM = Boolean(options.ignoreBOM);
  }
  decode(source, options = {}) {
    let bytes = joined(this.#rest, bytesOf(source));
    this.#rest = new Uint8Array(0);
    if (options.stream) {
      const n = this.encoding === 'utf-8' ? incompleteTail(bytes) : this.encoding === 'utf-16le' ? bytes.length % 2 : 0;
      if (n) {
        this.#rest = bytes.slice(bytes.length - n);
        bytes = bytes.subarray(0, bytes.length - n);
      }
    }
    let text = this.#text(bytes);
    if (!this.#isStarted && !this.ignoreBOM && text.startsWith('\ufeff')) text = text.slice(1);
    this.#isStarted = Boolean(options.stream) && (this.#isStarted || text !== '');
    return text;
  }
  #text(bytes) {
    if (this.encoding === 'windows-1252') return system.latin1(bytes);
    if (this.encoding === 'utf-8') {
      try {
        return system.text(bytes, this.fatal);
      } catch (error) {
        throw coded(error, 'ERR_ENCODING_INVALID_ENCODED_DATA');
      }
    }
    let text = '';
    for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
    return text;
  }
}

export function btoa(text) {
  text = String(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new DOMException('Invalid character', 'InvalidCharacterError');
    bytes[i] = code;
  }
  return system.toBase64(bytes, false);
}

export function atob(text) {
  const clean = String(text).replace(/[\t\n\f\r ]/g, '');
  const body = clean.length % 4 === 0 ? clean.replace(/={1,2}$/, '') : clean;
  if (body.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(body)) {
    throw new DOMException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
  }
  return system.latin1(system.fromBase64(body));
}
