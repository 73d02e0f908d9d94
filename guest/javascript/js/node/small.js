// The built-in modules that are a few lines each, and those that can only say that a sandbox has no such thing.

import EventEmitter from 'events';
import { coded } from '../errors.js';
import * as loop from '../loop.js';
import { process } from '../process.js';
import { system } from '../system.js';
import { asText } from './fs-paths.js';

const constants = { signals: { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }, errno: {}, priority: {} };

export const os = {
  EOL: '\n', devNull: '/dev/null', constants,
  platform: () => 'linux', type: () => 'Linux', arch: () => 'wasm32', release: () => '0', version: () => 'Seawall sandbox', machine: () => 'wasm32',
  hostname: () => process.env.HOSTNAME ?? 'seawall', homedir: () => process.env.HOME ?? '/', tmpdir: () => process.env.TMPDIR ?? '/tmp',
  endianness: () => 'LE', cpus: () => [], availableParallelism: () => 1, totalmem: () => 4294967296, freemem: () => 4294967296,
  loadavg: () => [0, 0, 0], uptime: () => system.monotonic() / 1e3, networkInterfaces: () => ({}),
  userInfo: () => ({ uid: 0, gid: 0, username: process.env.USER ?? 'seawall', homedir: process.env.HOME ?? '/', shell: null }),
};

export const url = {
  URL: globalThis.URL, URLSearchParams: globalThis.URLSearchParams,
  fileURLToPath: (address) => asText(typeof address === 'string' ? new globalThis.URL(address) : address),
  pathToFileURL(path) {
    const full = path.startsWith('/') ? path : `${process.cwd()}/${path}`;
    return new globalThis.URL(`file://${encodeURI(full).replace(/[?#]/g, encodeURIComponent)}`);
  },
  domainToASCII: (domain) => new globalThis.URL(`http://${domain}`).hostname,
  urlToHttpOptions: (address) => ({ protocol: address.protocol, hostname: address.hostname, port: address.port === '' ? undefined : Number(address.port),
    path: address.pathname + address.search, pathname: address.pathname, search: address.search, hash: address.hash, href: address.href }),
  format: (address) => (typeof address === 'string' ? address : address.href
    ?? `${address.protocol ?? ''}//${address.host ?? `${address.hostname ?? ''}${address.port ? `:${address.port}` : ''}`}${address.pathname ?? ''}${address.search ?? ''}${address.hash ?? ''}`),
  resolve: (base, address) => new globalThis.URL(address, base).href,
  parse(address, parseQuery) {
    const parsed = new globalThis.URL(address, 'relative://x');
    const isRelative = parsed.protocol === 'relative:';
    const or = (value) => (isRelative || value === '' ? null : value);
    const query = parsed.search.slice(1) || null;
    return { protocol: or(parsed.protocol), slashes: isRelative ? null : true, auth: parsed.username ? `${parsed.username}${parsed.password ? `:${parsed.password}` : ''}` : null,
      host: or(parsed.host), port: or(parsed.port), hostname: or(parsed.hostname), hash: parsed.hash || null, search: parsed.search || null,
      query: parseQuery ? querystring.parse(query ?? '') : query, pathname: parsed.pathname, path: parsed.pathname + parsed.search, href: isRelative ? address : parsed.href };
  },
};

const unescape = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
const escape = (text) => encodeURIComponent(text).replace(/%20/g, '%20');
export const querystring = {
  escape, unescape,
  parse(text, separator = '&', equals = '=') {
    const result = Object.create(null);
    for (const pair of String(text).split(separator)) {
      if (!pair) continue;
      const at = pair.indexOf(equals);
      const [key, value] = [at < 0 ? pair : pair.slice(0, at), at < 0 ? '' : pair.slice(at + equals.length)].map((part) => unescape(part.replaceAll('+', ' ')));
      result[key] = key in result ? [result[key], value].flat() : value;
    }
    return result;
  },
  stringify: (object, separator = '&', equals = '=') => Object.entries(object ?? {}).flatMap(([key, value]) => [value].flat().map((item) =>
    `${escape(key)}${equals}${escape(typeof item === 'object' || item === undefined ? '' : item)}`)).join(separator),
};
querystring.decode = querystring.parse;
querystring.encode = querystring.stringify;

const delay = (milliseconds, value, options) => new Promise((resolve, reject) => {
  if (options?.signal?.aborted) return void reject(options.signal.reason);
  const timer = loop.setTimeout(resolve, milliseconds, value);
  options?.signal?.addEventListener('abort', () => { loop.clearTimeout(timer); reject(options.signal.reason); });
});
export const timersPromises = {
  setTimeout: delay,
  setImmediate: (value) => new Promise((resolve) => loop.setImmediate(resolve, value)),
  async *setInterval(milliseconds, value) { for (;;) { await delay(milliseconds); yield value; } },
  scheduler: { wait: (milliseconds, options) => delay(milliseconds, undefined, options), yield: () => new Promise((resolve) => loop.setImmediate(resolve)) },
};
const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = loop;
Object.defineProperty(setTimeout, Symbol.for('nodejs.util.promisify.custom'), { value: delay });
Object.defineProperty(setImmediate, Symbol.for('nodejs.util.promisify.custom'), { value: timersPromises.setImmediate });
export const timers = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, promises: timersPromises };

export class StringDecoder {
  constructor(encoding = 'utf8') { this.encoding = encoding; this.decoder = new TextDecoder(); }
  write(bytes) { return /^utf-?8$/i.test(this.encoding) ? this.decoder.decode(bytes, { stream: true }) : bytes.toString(this.encoding); }
  end(bytes) { return (bytes ? this.write(bytes) : '') + this.decoder.decode(); }
}

class AsyncLocalStorage {
  run(store, callback, ...args) { const before = this.store; this.store = store; try { return callback(...args); } finally { this.store = before; } }
  getStore() { return this.store; }
  enterWith(store) { this.store = store; }
  exit(callback, ...args) { return this.run(undefined, callback, ...args); }
  disable() { this.store = undefined; }
}
export const asyncHooks = { AsyncLocalStorage };

function denied(module, what, names) {
  const object = {};
  for (const name of names) {
    object[name] = () => {
      throw coded(new Error(`${module}.${name} is not available: a Seawall sandbox has no ${what}`), 'ERR_SEAWALL_SANDBOX');
    };
  }
  return object;
}

export const childProcess = denied('child_process', 'processes; use the process isolation for a step that must start one',
  ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']);
export const net = denied('net', 'raw sockets in JavaScript; use fetch', ['connect', 'createConnection', 'createServer', 'Socket', 'Server']);
export const workerThreads = Object.assign(denied('worker_threads', 'threads', ['Worker', 'MessageChannel']), { isMainThread: true, parentPort: null, workerData: null, threadId: 0 });
export const zlib = denied('zlib', 'compression in JavaScript yet', ['gzipSync', 'gunzipSync', 'deflateSync', 'inflateSync', 'createGzip', 'createGunzip', 'brotliCompressSync', 'brotliDecompressSync', 'gzip', 'gunzip']);
export const dns = denied('dns', 'name resolution of its own; fetch resolves through the host', ['lookup', 'resolve', 'resolve4', 'resolve6']);
export const cluster = denied('cluster', 'processes', ['fork']);
export const vm = {
  runInThisContext: (code, options) => system.compile(code, typeof options === 'string' ? options : options?.filename ?? 'evalmachine.<anonymous>'),
  Script: class Script { constructor(code, options) { this.code = code; this.options = options; } runInThisContext() { return vm.runInThisContext(this.code, this.options); } },
};

export const events = Object.assign(EventEmitter, { EventEmitter, default: EventEmitter, captureRejectionSymbol: Symbol.for('nodejs.rejection') });
