// The built-in modules by name, with and without `node:`.

import path from 'path-browserify';
import { console } from './console.js';
import * as loader from './loader.js';
import { process } from './process.js';
import { assert } from './node/assert.js';
import { Buffer } from './node/buffer.js';
import { crypto } from './node/crypto.js';
import { fs } from './node/fs.js';
import { readline } from './node/readline.js';
import {
  StringDecoder, asyncHooks, childProcess, cluster, dns, events, net, os, querystring, timers, timersPromises, url, vm, workerThreads, zlib,
} from './node/small.js';
import { stream } from './node/stream.js';
import { util } from './node/util.js';
import { Blob, File } from './web/blob.js';
import { performance } from './web/performance.js';
import { streams } from './web/streams.js';

path.posix = path;
path.toNamespacedPath = (name) => name;

let module = null;
function moduleModule() {
  module ??= Object.assign(loader.Module, {
    Module: loader.Module,
    builtinModules: builtinNames,
    createRequire: (from) => loader.requireFrom(new loader.Module(String(from).startsWith('file:') ? url.fileURLToPath(String(from)) : String(from), null)),
    isBuiltin: (name) => builtinNames.includes(name.replace(/^node:/, '')),
  });
  return module;
}

const table = {
  assert: () => assert, 'assert/strict': () => assert.strict, async_hooks: () => asyncHooks,
  buffer: () => ({ Buffer, Blob, File, atob: globalThis.atob, btoa: globalThis.btoa, kMaxLength: 0x7fffffff, constants: { MAX_LENGTH: 0x7fffffff, MAX_STRING_LENGTH: 0x1fffffe8 } }),
  child_process: () => childProcess, cluster: () => cluster, console: () => console, constants: () => fs.constants, crypto: () => crypto,
  dns: () => dns, 'dns/promises': () => dns, events: () => events, fs: () => fs, 'fs/promises': () => fs.promises, module: moduleModule, net: () => net, os: () => os,
  path: () => path, 'path/posix': () => path,
  perf_hooks: () => ({ performance }), process: () => process, punycode: () => ({ toASCII: url.domainToASCII }),
  querystring: () => querystring, readline: () => readline, 'readline/promises': () => readline.promises,
  stream: () => stream, 'stream/promises': () => stream.promises, 'stream/web': () => ({ ...streams }), string_decoder: () => ({ StringDecoder }),
  timers: () => timers, 'timers/promises': () => timersPromises, tls: () => net, url: () => url, util: () => util, 'util/types': () => util.types,
  vm: () => vm, worker_threads: () => workerThreads, zlib: () => zlib,
};

export const builtinNames = Object.keys(table);

const made = new Map();

export function builtin(name) {
  if (!made.has(name)) made.set(name, table[name]());
  return made.get(name);
}
