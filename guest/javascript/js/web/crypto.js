// `crypto`: random values, digests, HMAC and PBKDF2. Other algorithms are refused by name.

import { system } from '../system.js';
import { bytesOf, copied } from './encoding.js';

const unsupported = (name) => new DOMException(`Unrecognized algorithm name${name ? `: ${name}` : ''}`, 'NotSupportedError');
const nameOf = (algorithm) => String(typeof algorithm === 'string' ? algorithm : algorithm?.name).toUpperCase();
const BLOCK_BYTES = { 'SHA-1': 64, 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 };

const secret = new WeakMap();

export class CryptoKey {
  constructor(bytes, algorithm, extractable, usages) {
    secret.set(this, bytes);
    Object.assign(this, { type: 'secret', extractable, algorithm, usages });
  }
}

function hashOf(algorithm) {
  const name = nameOf(algorithm);
  if (!(name in BLOCK_BYTES)) throw unsupported(name);
  return name;
}

function requireUsage(key, algorithm, usage) {
  const name = nameOf(algorithm);
  if (key.algorithm.name !== name) throw new DOMException('Key algorithm mismatch', 'InvalidAccessError');
  if (!key.usages.includes(usage)) throw new DOMException(`Unable to use this key to ${usage}`, 'InvalidAccessError');
}

function sameBytes(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

function derive(algorithm, key, n_bits) {
  if (nameOf(algorithm) !== 'PBKDF2') throw unsupported(nameOf(algorithm));
  return system.pbkdf2(hashOf(algorithm.hash), secret.get(key), bytesOf(algorithm.salt), algorithm.iterations, n_bits / 8);
}

class SubtleCrypto {
  async digest(algorithm, data) {
    return system.digest(hashOf(algorithm), bytesOf(data)).buffer;
  }
  async importKey(format, data, algorithm, extractable, usages) {
    const name = nameOf(algorithm);
    if (name !== 'HMAC' && name !== 'PBKDF2') throw unsupported(name);
    if (format !== 'raw' && format !== 'jwk') throw new DOMException(`Unable to import ${name} key with format ${format}`, 'NotSupportedError');
    const bytes = format === 'jwk' ? system.fromBase64(data.k) : copied(data);
    const described = name === 'HMAC' ? { name, hash: { name: hashOf(algorithm.hash) }, length: bytes.length * 8 } : { name };
    return new CryptoKey(bytes, described, extractable, [...usages]);
  }
  async generateKey(algorithm, extractable, usages) {
    if (nameOf(algorithm) !== 'HMAC') throw unsupported(nameOf(algorithm));
    const hash = hashOf(algorithm.hash);
    const n_bits = algorithm.length ?? BLOCK_BYTES[hash] * 8;
    return new CryptoKey(system.random(n_bits / 8), { name: 'HMAC', hash: { name: hash }, length: n_bits }, extractable, [...usages]);
  }
  async exportKey(format, key) {
    if (!key.extractable) throw new DOMException('key is not extractable', 'InvalidAccessError');
    const bytes = secret.get(key);
    if (format === 'raw') return bytes.slice().buffer;
    return { kty: 'oct', k: system.toBase64(bytes, true), alg: `HS${key.algorithm.hash.name.slice(4)}`, key_ops: key.usages, ext: true };
  }
  async sign(algorithm, key, data) {
    requireUsage(key, algorithm, 'sign');
    return system.hmac(key.algorithm.hash.name, secret.get(key), bytesOf(data)).buffer;
  }
  async verify(algorithm, key, signature, data) {
    requireUsage(key, algorithm, 'verify');
    return sameBytes(system.hmac(key.algorithm.hash.name, secret.get(key), bytesOf(data)), bytesOf(signature));
  }
  async deriveBits(algorithm, key, n_bits) { return derive(algorithm, key, n_bits).buffer; }
  async deriveKey(algorithm, key, derived, extractable, usages) {
    const n_bits = derived.length ?? BLOCK_BYTES[hashOf(derived.hash)] * 8;
    return this.importKey('raw', derive(algorithm, key, n_bits), derived, extractable, usages);
  }
  async encrypt(algorithm) { throw unsupported(nameOf(algorithm)); }
  async decrypt(algorithm) { throw unsupported(nameOf(algorithm)); }
  async wrapKey() { throw unsupported(); }
  async unwrapKey() { throw unsupported(); }
}

class Crypto {
  subtle = new SubtleCrypto();
  getRandomValues(array) {
    if (array.byteLength > 65536) throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
    bytesOf(array).set(system.random(array.byteLength));
    return array;
  }
  randomUUID() {
    const bytes = system.random(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = system.toHex(bytes);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}

export const crypto = new Crypto();
