// `Buffer`: a `Uint8Array` with node's conversions, searches and numbers. Text is converted by the engine.

import { system } from '../system.js';
import { coded, invalidArgument } from '../errors.js';
import { custom } from '../inspect.js';

const ENCODINGS = ['utf8', 'utf-8', 'hex', 'base64', 'base64url', 'latin1', 'binary', 'ascii', 'ucs2', 'ucs-2', 'utf16le', 'utf-16le'];

function normalized(encoding = 'utf8') {
  const name = String(encoding).toLowerCase();
  if (!ENCODINGS.includes(name)) throw coded(new TypeError(`Unknown encoding: ${encoding}`), 'ERR_UNKNOWN_ENCODING');
  return name;
}

function bytesOf(text, encoding) {
  switch (normalized(encoding)) {
    case 'hex': return system.fromHex(text);
    case 'base64': case 'base64url': return system.fromBase64(text);
    case 'latin1': case 'binary': case 'ascii': {
      const bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      return bytes;
    }
    case 'ucs2': case 'ucs-2': case 'utf16le': case 'utf-16le': {
      const bytes = new Uint8Array(text.length * 2);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
      return bytes;
    }
    default: return system.utf8(text);
  }
}

function textOf(bytes, encoding) {
  switch (normalized(encoding)) {
    case 'hex': return system.toHex(bytes);
    case 'base64': return system.toBase64(bytes, false);
    case 'base64url': return system.toBase64(bytes, true);
    case 'latin1': case 'binary': return system.latin1(bytes);
    case 'ascii': return system.latin1(bytes.map((byte) => byte & 0x7f));
    case 'ucs2': case 'ucs-2': case 'utf16le': case 'utf-16le': {
      let text = '';
      for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
      return text;
    }
    default: return system.text(bytes, false);
  }
}

function outOfRange(name, range, value) {
  return coded(new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${value}`), 'ERR_OUT_OF_RANGE');
}

export class Buffer extends Uint8Array {
  static poolSize = 8192;

  static from(value, encodingOrOffset, length) {
    if (typeof value === 'string') return wrap(bytesOf(value, encodingOrOffset));
    if (value instanceof ArrayBuffer || (typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer)) {
      return new Buffer(value, encodingOrOffset, length);
    }
    if (ArrayBuffer.isView(value) && !(value instanceof Uint8Array)) return copy(Array.from(value));
    if (value && typeof value === 'object') {
      if (value.type === 'Buffer' && Array.isArray(value.data)) return copy(value.data);
      const primitive = value.valueOf?.();
      if (primitive !== value && primitive != null) return Buffer.from(primitive, encodingOrOffset, length);
      if (typeof value.length === 'number' || value.length === undefined && Symbol.iterator in value) return copy(value);
      if (value[Symbol.toPrimitive]) return Buffer.from(value[Symbol.toPrimitive]('string'), encodingOrOffset);
    }
    throw firstArgument(value);
  }

  static of(...bytes) { return copy(bytes); }

  static alloc(n, fill, encoding) {
    if (typeof n !== 'number') throw invalidArgument('size', 'of type number', n);
    if (!(n >= 0 && n <= 0x7fffffff)) throw outOfRange('size', '>= 0 && <= 4294967296', n);
    const buffer = new Buffer(n);
    return fill === undefined || fill === 0 ? buffer : buffer.fill(fill, encoding);
  }

  static allocUnsafe(n) { return Buffer.alloc(n); }
  static allocUnsafeSlow(n) { return Buffer.alloc(n); }

  static concat(list, total = list.reduce((sum, part) => sum + part.length, 0)) {
    const result = Buffer.alloc(total);
    let at = 0;
    for (const part of list) {
      if (at >= total) break;
      result.set(part.length > total - at ? part.subarray(0, total - at) : part, at);
      at += part.length;
    }
    return result;
  }

  static byteLength(value, encoding) {
    if (typeof value !== 'string') return value.byteLength;
    return bytesOf(value, encoding).length;
  }

  static isBuffer(value) { return value instanceof Buffer; }
  static isEncoding(encoding) { return typeof encoding === 'string' && ENCODINGS.includes(encoding.toLowerCase()); }

  static compare(a, b) {
    const n = Math.min(a.length, b.length);
    for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
    return Math.sign(a.length - b.length);
  }

  get parent() { return this.buffer; }
  get offset() { return this.byteOffset; }

  toString(encoding, start = 0, end = this.length) {
    return textOf(start === 0 && end >= this.length ? this : this.subarray(Math.max(0, start), Math.max(0, end)), encoding ?? 'utf8');
  }

  toLocaleString(encoding) { return this.toString(encoding); }
  toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
  equals(other) { return this.length === other.length && Buffer.compare(this, other) === 0; }

  compare(target, targetStart = 0, targetEnd = target.length, start = 0, end = this.length) {
    return Buffer.compare(this.subarray(start, end), target.subarray(targetStart, targetEnd));
  }

  slice(start, end) { return this.subarray(start, end); }

  write(text, offset = 0, length, encoding) {
    if (typeof offset === 'string') [encoding, offset, length] = [offset, 0, undefined];
    else if (typeof length === 'string') [encoding, length] = [length, undefined];
    let bytes = bytesOf(text, encoding);
    const room = Math.min(length ?? Infinity, this.length - offset);
    if (bytes.length > room) {
      let n = room;
      // A character that doesn't fit as a whole isn't written.
      if (/^utf-?8$/i.test(encoding ?? 'utf8')) while (n > 0 && (bytes[n] & 0xc0) === 0x80) n--;
      bytes = bytes.subarray(0, n);
    }
    this.set(bytes, offset);
    return bytes.length;
  }

  copy(target, targetStart = 0, start = 0, end = this.length) {
    const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
    target.set(part, targetStart);
    return part.length;
  }

  fill(value, start = 0, end = this.length, encoding) {
    if (typeof start === 'string') [encoding, start, end] = [start, 0, this.length];
    else if (typeof end === 'string') [encoding, end] = [end, this.length];
    if (typeof value === 'number' || typeof value === 'boolean') return super.fill(Number(value) & 255, start, end);
    const bytes = typeof value === 'string' ? bytesOf(value, encoding) : value;
    if (!bytes.length) return super.fill(0, start, end);
    for (let i = start, j = 0; i < end; i++, j = (j + 1) % bytes.length) this[i] = bytes[j];
    return this;
  }

  indexOf(value, from = 0, encoding) {
    if (typeof from === 'string') [encoding, from] = [from, 0];
    if (typeof value === 'number') return super.indexOf(value & 255, from);
    const start = from < 0 ? Math.max(0, this.length + from) : from;
    return system.find(this, typeof value === 'string' ? bytesOf(value, encoding) : value, start);
  }

  lastIndexOf(value, from = this.length, encoding) {
    if (typeof value === 'number') return super.lastIndexOf(value & 255, from);
    const needle = typeof value === 'string' ? bytesOf(value, encoding) : value;
    for (let at = Math.min(from, this.length - needle.length); at >= 0; at--) {
      if (Buffer.compare(this.subarray(at, at + needle.length), needle) === 0) return at;
    }
    return -1;
  }

  includes(value, from, encoding) { return this.indexOf(value, from, encoding) !== -1; }

  swap16() { return swap(this, 2); }
  swap32() { return swap(this, 4); }
  swap64() { return swap(this, 8); }

  readUIntBE(offset, n) { let value = 0; for (let i = 0; i < n; i++) value = value * 256 + this[offset + i]; return value; }
  readUIntLE(offset, n) { let value = 0; for (let i = n - 1; i >= 0; i--) value = value * 256 + this[offset + i]; return value; }
  readIntBE(offset, n) { const value = this.readUIntBE(offset, n); return value >= 2 ** (8 * n - 1) ? value - 2 ** (8 * n) : value; }
  readIntLE(offset, n) { const value = this.readUIntLE(offset, n); return value >= 2 ** (8 * n - 1) ? value - 2 ** (8 * n) : value; }
  writeUIntBE(value, offset, n) { for (let i = n - 1; i >= 0; i--) { this[offset + i] = value % 256; value = Math.floor(value / 256); } return offset + n; }
  writeUIntLE(value, offset, n) { for (let i = 0; i < n; i++) { this[offset + i] = value % 256; value = Math.floor(value / 256); } return offset + n; }
  writeIntBE(value, offset, n) { return this.writeUIntBE(value < 0 ? value + 2 ** (8 * n) : value, offset, n); }
  writeIntLE(value, offset, n) { return this.writeUIntLE(value < 0 ? value + 2 ** (8 * n) : value, offset, n); }

  [custom]() {
    const shown = [...this.subarray(0, 50)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const more = this.length > 50 ? ` ... ${this.length - 50} more byte${this.length > 51 ? 's' : ''}` : '';
    return `<Buffer${shown ? ` ${shown}` : ''}${more}>`;
  }
}

function firstArgument(value) {
  const shown = value === null || value === undefined ? String(value)
    : typeof value === 'object' ? `an instance of ${value.constructor?.name ?? 'Object'}` : `type ${typeof value} (${String(value)})`;
  return coded(new TypeError(`The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received ${shown}`), 'ERR_INVALID_ARG_TYPE');
}

const wrap = (bytes) => new Buffer(bytes.buffer, bytes.byteOffset, bytes.length);

function copy(values) {
  const buffer = new Buffer(values.length ?? [...values].length);
  buffer.set(values instanceof Uint8Array || Array.isArray(values) ? values : Array.from(values));
  return buffer;
}

function swap(buffer, n) {
  if (buffer.length % n) throw coded(new RangeError(`Buffer size must be a multiple of ${n * 8}-bits`), 'ERR_INVALID_BUFFER_SIZE');
  for (let i = 0; i < buffer.length; i += n) Uint8Array.prototype.reverse.call(buffer.subarray(i, i + n));
  return buffer;
}

// The fixed-width numbers are those of `DataView` under node's names.
const NUMBERS = {
  UInt8: ['Uint8', 1], Int8: ['Int8', 1], UInt16: ['Uint16', 2], Int16: ['Int16', 2], UInt32: ['Uint32', 4], Int32: ['Int32', 4],
  Float: ['Float32', 4], Double: ['Float64', 8], BigUInt64: ['BigUint64', 8], BigInt64: ['BigInt64', 8],
};

for (const [name, [method, n]] of Object.entries(NUMBERS)) {
  for (const [suffix, isLittle] of n === 1 ? [['', true]] : [['LE', true], ['BE', false]]) {
    const check = (buffer, offset) => {
      if (offset < 0 || offset + n > buffer.length) {
        if (buffer.length < n) throw coded(new RangeError('Attempt to access memory outside buffer bounds'), 'ERR_BUFFER_OUT_OF_BOUNDS');
        throw outOfRange('offset', `>= 0 and <= ${buffer.length - n}`, offset);
      }
      return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    };
    const read = function (offset = 0) { return check(this, offset)[`get${method}`](offset, isLittle); };
    const write = function (value, offset = 0) { check(this, offset)[`set${method}`](offset, value, isLittle); return offset + n; };
    for (const alias of new Set([name, name.replace('UInt', 'Uint')])) {
      Object.defineProperty(Buffer.prototype, `read${alias}${suffix}`, { value: read, writable: true, configurable: true });
      Object.defineProperty(Buffer.prototype, `write${alias}${suffix}`, { value: write, writable: true, configurable: true });
    }
  }
}
