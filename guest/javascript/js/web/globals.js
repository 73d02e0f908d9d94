// Puts the web's names where scripts expect them. Imported before everything that uses one.

import { installStacks } from '../errors.js';
import * as encoding from './encoding.js';
import * as url from './url.js';
import { performance } from './performance.js';
import * as events from './events.js';
import * as blob from './blob.js';
import { Headers } from './headers.js';
import { Request, Response } from './message.js';
import { fetch } from './fetch.js';
import { CryptoKey, crypto } from './crypto.js';
import { structuredClone } from './clone.js';
import { system } from '../system.js';

export function define(names) {
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

installStacks();

const { bytesOf, copied, ...text } = encoding;
const { multipart, ...files } = blob;
define({ ...text, ...url, performance, ...events, ...files, Headers, Request, Response, fetch, CryptoKey, crypto, structuredClone });

// The engine's own generator was seeded when the image was made: every run would draw the same numbers.
let state = null;
Math.random = function random() {
  if (!state) state = new Uint32Array(system.random(16).buffer);
  // xoshiro128**, Blackman and Vigna, public domain.
  const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
  const shifted = state[1] << 9;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotate(state[3], 11);
  return (result * 2097152 + (state[0] >>> 11)) / 9007199254740992;
};

function rotate(value, n) {
  return (value << n) | (value >>> (32 - n));
}
