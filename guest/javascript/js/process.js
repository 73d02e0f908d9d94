// `process`: arguments, environment, standard streams and exit. There is one process and it has no signals, no
// identity and no children; what would need those isn't here.

import EventEmitter from 'events';
import { system } from './system.js';
import { complete, nextTick, watchStdin } from './loop.js';
import { Buffer } from './node/buffer.js';
import { resolvePath } from './node/fs-paths.js';

export const process = new EventEmitter();

// How long one read of standard input may be.
const STDIN_BYTES = 65536;

let isExiting = false;

export function exit(code) {
  if (code !== undefined) process.exitCode = code;
  if (!isExiting) {
    isExiting = true;
    process.emit('exit', Number(process.exitCode ?? 0));
  }
  system.exit(Number(process.exitCode ?? 0));
}

class Output extends EventEmitter {
  constructor(descriptor) {
    super();
    this.fd = descriptor;
    this.isTTY = undefined;
    this.writable = true;
    this.columns = undefined;
  }
  write(data, encoding, callback) {
    if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding];
    if (typeof data === 'string' && encoding && !/^utf-?8$/i.test(encoding)) data = Buffer.from(data, encoding);
    system.write(this.fd, data);
    if (callback) nextTick(callback);
    return true;
  }
  end(data, encoding, callback) {
    if (data !== undefined && typeof data !== 'function') this.write(data, encoding);
    const done = [data, encoding, callback].find((value) => typeof value === 'function');
    this.writable = false;
    nextTick(() => { this.emit('finish'); done?.(); });
    return this;
  }
  cork() {}
  uncork() {}
}

class Input extends EventEmitter {
  constructor() {
    super();
    this.fd = 0;
    this.isTTY = undefined;
    this.readable = true;
    this.encoding = null;
    this.isFlowing = false;
    this.isEnded = false;
    super.on('newListener', (event) => {
      if (event === 'data') nextTick(() => this.resume());
      if (event === 'readable' || event === 'end') this.wantsEnd = true;
    });
  }
  setEncoding(encoding) { this.encoding = encoding ?? 'utf8'; this.decoder = new TextDecoder(); return this; }
  resume() {
    if (!this.isFlowing && !this.isEnded) {
      this.isFlowing = true;
      this.next();
    }
    return this;
  }
  pause() { this.isFlowing = false; watchStdin(null); return this; }
  ref() { return this; }
  unref() { return this; }
  next() {
    watchStdin(() => {
      const chunk = system.read(STDIN_BYTES);
      if (chunk) {
        const data = this.convert(Buffer.from(chunk.buffer));
        if (data.length) this.emit('data', data);
        if (this.isFlowing) this.next();
      } else this.finish();
    });
  }
  convert(chunk) {
    if (!this.encoding) return chunk;
    return /^utf-?8$/i.test(this.encoding) ? this.decoder.decode(chunk, { stream: true }) : chunk.toString(this.encoding);
  }
  finish() {
    this.isEnded = true;
    this.readable = false;
    this.isFlowing = false;
    this.emit('end');
    nextTick(() => this.emit('close'));
  }
  async *[Symbol.asyncIterator]() {
    while (!this.isEnded) {
      const chunk = await new Promise((resolve) => watchStdin(() => resolve(system.read(STDIN_BYTES))));
      if (chunk) yield this.convert(Buffer.from(chunk.buffer));
      else this.finish();
    }
  }
  pipe(target) {
    this.on('data', (data) => target.write(data));
    if (target.fd !== 1 && target.fd !== 2) this.on('end', () => target.end());
    return target;
  }
}

let cwd = null;

function initialDirectory() {
  return system.mounts().some((mount) => mount.replace(/\/$/, '') === '/work') ? '/work' : '/';
}

let environment = null;

function loadEnvironment() {
  if (!environment) {
    environment = {};
    for (const [name, value] of system.environment()) environment[name] = value;
  }
  return environment;
}

const env = new Proxy({}, {
  get: (_, name) => loadEnvironment()[name],
  set: (_, name, value) => { loadEnvironment()[name] = String(value); return true; },
  has: (_, name) => name in loadEnvironment(),
  deleteProperty: (_, name) => delete loadEnvironment()[name],
  ownKeys: () => Reflect.ownKeys(loadEnvironment()),
  getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(loadEnvironment(), name),
  defineProperty: (_, name, descriptor) => Reflect.defineProperty(loadEnvironment(), name, descriptor),
});

Object.assign(process, {
  title: 'node',
  version: 'v20.20.2',
  versions: { node: '20.20.2', quickjs: '0.16.2' },
  release: { name: 'node' },
  platform: 'linux',
  arch: 'wasm32',
  pid: 1,
  ppid: 0,
  execPath: '/usr/bin/node',
  execArgv: [],
  argv: ['/usr/bin/node'],
  argv0: 'node',
  exitCode: undefined,
  env,
  features: {},
  config: {},
  stdout: new Output(1),
  stderr: new Output(2),
  stdin: new Input(),
  exit,
  reallyExit: (code) => system.exit(Number(code ?? 0)),
  abort: () => exit(134),
  nextTick,
  cwd: () => (cwd ??= initialDirectory()),
  chdir(path) {
    const target = resolvePath(path);
    if (system.stat(target, true)[0] !== 4) throw new Error(`ENOTDIR: not a directory, chdir '${path}'`);
    cwd = target;
  },
  umask: () => 0o022,
  uptime: () => system.monotonic() / 1e3,
  hrtime: Object.assign((since) => {
    const now = BigInt(Math.round(system.monotonic() * 1e6));
    let [seconds, nanoseconds] = [Number(now / 1000000000n), Number(now % 1000000000n)];
    if (since) {
      seconds -= since[0];
      nanoseconds -= since[1];
      if (nanoseconds < 0) [seconds, nanoseconds] = [seconds - 1, nanoseconds + 1e9];
    }
    return [seconds, nanoseconds];
  }, { bigint: () => BigInt(Math.round(system.monotonic() * 1e6)) }),
  memoryUsage: Object.assign(() => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }), { rss: () => 0 }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  getuid: () => 0, geteuid: () => 0, getgid: () => 0, getegid: () => 0,
  emitWarning(warning, options) {
    const name = (typeof options === 'string' ? options : options?.type) ?? warning?.name ?? 'Warning';
    complete(() => system.write(2, `(node:1) ${name}: ${warning?.message ?? warning}\n`));
  },
  [Symbol.toStringTag]: 'process',
});
