// `crypto`: digests, HMAC, PBKDF2 and randomness. Ciphers, signatures and key pairs aren't here.

import { system } from '../system.js';
import { complete } from '../loop.js';
import { coded } from '../errors.js';
import { crypto as web } from '../web/crypto.js';
import { copied } from '../web/encoding.js';
import { Buffer } from './buffer.js';

const HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
const toBytes = (data, encoding) => (typeof data === 'string' ? Buffer.from(data, encoding)
  : new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength));

class Digest {
  #parts = [];
  #finish;
  #isDone = false;
  constructor(finish) { this.#finish = finish; }
  update(data, encoding) {
    if (this.#isDone) throw coded(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
    this.#parts.push(copied(toBytes(data, encoding)));
    return this;
  }
  digest(encoding) {
    if (this.#isDone) throw coded(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
    this.#isDone = true;
    const result = this.#finish(this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts));
    const buffer = Buffer.from(result.buffer);
    return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
  }
  copy() {
    const copy = new Digest(this.#finish);
    copy.#parts = [...this.#parts];
    return copy;
  }
  write(data, encoding) { this.update(data, encoding); return true; }
  end(data) { if (data !== undefined) this.update(data); return this; }
  on() { return this; }
  once() { return this; }
  emit() { return false; }
}

function known(result, algorithm) {
  if (result) return result;
  throw coded(new Error(algorithm ? 'Digest method not supported' : 'Invalid digest'), 'ERR_CRYPTO_INVALID_DIGEST');
}

function createHash(algorithm) {
  known(HASHES.includes(String(algorithm).toLowerCase().replace('-', '')), algorithm);
  return new Digest((data) => system.digest(algorithm, data));
}

function createHmac(algorithm, key) {
  if (!HASHES.includes(String(algorithm).toLowerCase().replace('-', ''))) throw coded(new Error(`Invalid digest: ${algorithm}`), 'ERR_CRYPTO_INVALID_DIGEST');
  const bytes = copied(toBytes(key));
  return new Digest((data) => system.hmac(algorithm, bytes, data));
}

function pbkdf2Sync(password, salt, n_rounds, n_bytes, algorithm) {
  return Buffer.from(known(system.pbkdf2(algorithm, toBytes(password), toBytes(salt), n_rounds, n_bytes), algorithm).buffer);
}

function randomBytes(n, callback) {
  const bytes = Buffer.from(system.random(n).buffer);
  if (callback) complete(() => callback(null, bytes));
  return callback ? undefined : bytes;
}

function randomInt(low, high, callback) {
  if (high === undefined || typeof high === 'function') [low, high, callback] = [0, low, high];
  const range = high - low;
  // Numbers past the last whole multiple of the range are drawn again, or small results would come up more often.
  const limit = Math.floor(2 ** 48 / range) * range;
  let drawn;
  do drawn = Buffer.from(system.random(6).buffer).readUIntBE(0, 6); while (drawn >= limit);
  if (callback) complete(() => callback(null, low + (drawn % range)));
  return low + (drawn % range);
}

export const crypto = {
  createHash, createHmac, pbkdf2Sync, randomBytes, randomInt,
  hash: (algorithm, data, encoding = 'hex') => createHash(algorithm).update(data).digest(encoding),
  pbkdf2: (...args) => { const callback = args.pop(); const key = pbkdf2Sync(...args); complete(() => callback(null, key)); },
  randomUUID: () => web.randomUUID(),
  randomFillSync: (buffer) => { toBytes(buffer).set(system.random(buffer.byteLength)); return buffer; },
  getHashes: () => [...HASHES],
  getRandomValues: (array) => web.getRandomValues(array),
  timingSafeEqual(a, b) {
    if (a.byteLength !== b.byteLength) throw coded(new RangeError('Input buffers must have the same byte length'), 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH');
    const [x, y] = [toBytes(a), toBytes(b)];
    let difference = 0;
    for (let i = 0; i < x.length; i++) difference |= x[i] ^ y[i];
    return difference === 0;
  },
  subtle: web.subtle,
  webcrypto: web,
};
