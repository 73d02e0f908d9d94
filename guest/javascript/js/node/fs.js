// `fs`: the synchronous calls. Callbacks and promises are made from these (`fs-async.js`), because the host answers a file
// call before it returns. There are no mode bits, owners or watchers: `chmod` and `chown` succeed and change nothing.

import { system } from '../system.js';
import { process } from '../process.js';
import { coded } from '../errors.js';
import { Buffer } from './buffer.js';
import { asking, uvException } from './fs-errors.js';
import { asText, resolvePath } from './fs-paths.js';
import { Dirent, Stats } from './fs-stat.js';
import { asynchronous, promises } from './fs-async.js';
import { createReadStream, createWriteStream } from './fs-streams.js';
import { constants } from './fs-constants.js';

const MODES = {
  r: 'r', rs: 'r', 'r+': 'rw', 'rs+': 'rw', w: 'wct', 'w+': 'rwct', wx: 'wctx', xw: 'wctx', 'wx+': 'rwctx',
  a: 'ac', as: 'ac', 'a+': 'rac', ax: 'acx', 'ax+': 'racx',
};
const STDIN = new Set([0, '/dev/stdin']);
const OUTPUTS = { '/dev/stdout': 1, '/dev/stderr': 2 };
const positions = new Map();

const encodingOf = (options) => (typeof options === 'string' ? options : options?.encoding);
const decoded = (bytes, encoding) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
};

function numericMode(flags) {
  const access = flags & 3;
  let mode = access === 0 ? 'r' : access === 1 ? 'w' : 'rw';
  if (flags & constants.O_CREAT) mode += 'c';
  if (flags & constants.O_EXCL) mode += 'x';
  if (flags & constants.O_TRUNC) mode += 't';
  if (flags & constants.O_APPEND) mode += 'a';
  return mode;
}

function modeOf(flags) {
  const mode = typeof flags === 'number' ? numericMode(flags) : MODES[flags];
  if (mode === undefined) throw coded(new TypeError(`The argument 'flags' is invalid. Received '${flags}'`), 'ERR_INVALID_ARG_VALUE');
  return mode;
}

export function openSync(path, flags = 'r') {
  const file = resolvePath(path);
  if (OUTPUTS[file]) return OUTPUTS[file];
  if (STDIN.has(file)) return 0;
  const descriptor = asking('open', asText(path), () => system.open(file, modeOf(flags ?? 'r')));
  positions.set(descriptor, 0);
  return descriptor;
}

export function closeSync(descriptor) {
  if (descriptor <= 2) return;
  positions.delete(descriptor);
  asking('close', undefined, () => system.close(descriptor));
}

function readStdin() {
  const chunks = [];
  for (;;) {
    const chunk = system.read(65536);
    if (!chunk) return Buffer.concat(chunks);
    chunks.push(chunk);
  }
}

export function readFileSync(path, options) {
  const encoding = encodingOf(options);
  if (STDIN.has(path)) return decoded(readStdin(), encoding);
  if (typeof path === 'number') return decoded(asking('read', undefined, () => system.readAt(path, -1, positions.get(path) ?? 0)), encoding);
  const name = asText(path);
  const descriptor = asking('open', name, () => system.open(resolvePath(path), modeOf(options?.flag ?? 'r')));
  try {
    const bytes = asking('read', undefined, () => {
      if (system.statOpen(descriptor)[0] === 4) throw 'EISDIR';
      return system.readAt(descriptor, -1, 0);
    });
    return encoding === 'utf8' || encoding === 'utf-8' ? system.text(bytes, false) : decoded(bytes, encoding);
  } finally {
    system.close(descriptor);
  }
}

function bytesOf(data, encoding) {
  if (typeof data === 'string') return encoding && !/^utf-?8$/i.test(encoding) ? Buffer.from(data, encoding) : data;
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw coded(new TypeError(`The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${data === null ? 'null' : typeof data === 'object' ? `an instance of ${data.constructor?.name}` : typeof data === 'undefined' ? 'undefined' : `type ${typeof data} (${String(data)})`}`), 'ERR_INVALID_ARG_TYPE');
}

function put(path, data, options, flag) {
  const bytes = bytesOf(data, encodingOf(options));
  if (typeof path === 'number') return void writeSync(path, bytes);
  const descriptor = openSync(path, options?.flag ?? flag);
  try {
    if (descriptor <= 2) system.write(descriptor, bytes);
    else asking('write', undefined, () => system.writeAt(descriptor, bytes, 0));
  } finally {
    closeSync(descriptor);
  }
}

export const writeFileSync = (path, data, options) => put(path, data, options, 'w');
export const appendFileSync = (path, data, options) => put(path, data, options, 'a');

export function readSync(descriptor, buffer, offset = 0, length, position = null) {
  if (typeof offset === 'object' && offset !== null) ({ offset = 0, length, position = null } = offset);
  length ??= buffer.byteLength - offset;
  const target = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (descriptor === 0) {
    const chunk = system.read(length);
    if (!chunk) return 0;
    target.set(chunk, offset);
    return chunk.length;
  }
  const at = position === null || position === -1 ? positions.get(descriptor) ?? 0 : Number(position);
  const bytes = asking('read', undefined, () => system.readAt(descriptor, length, at));
  target.set(bytes, offset);
  if (position === null || position === -1) positions.set(descriptor, at + bytes.length);
  return bytes.length;
}

export function writeSync(descriptor, data, offset, length, position) {
  let bytes;
  if (typeof data === 'string') {
    bytes = Buffer.from(data, typeof length === 'string' ? length : 'utf8');
    position = offset;
  } else {
    const all = bytesOf(data);
    offset ??= 0;
    bytes = all.subarray(offset, length === undefined || length === null ? undefined : offset + length);
  }
  if (descriptor === 1 || descriptor === 2) system.write(descriptor, bytes);
  else {
    const at = position ?? positions.get(descriptor) ?? 0;
    asking('write', undefined, () => system.writeAt(descriptor, bytes, at));
    if (position == null) positions.set(descriptor, at + bytes.length);
  }
  return bytes.length;
}

function statWith(path, options, follow, syscall) {
  try {
    return new Stats(system.stat(resolvePath(path), follow), options?.bigint);
  } catch (name) {
    if (typeof name !== 'string') throw name;
    if (options?.throwIfNoEntry === false && (name === 'ENOENT' || name === 'ENOTDIR')) return undefined;
    throw uvException(name, syscall, asText(path));
  }
}

export const statSync = (path, options) => statWith(path, options, true, 'stat');
export const lstatSync = (path, options) => statWith(path, options, false, 'lstat');
export const fstatSync = (descriptor) => new Stats(asking('fstat', undefined, () => system.statOpen(descriptor)));

export function existsSync(path) {
  try {
    system.stat(resolvePath(path), true);
    return true;
  } catch {
    return false;
  }
}

// Nothing here knows what may be written before it is tried: a file that is there is accessible.
export function accessSync(path) {
  asking('access', asText(path), () => system.stat(resolvePath(path), true));
}

function entries(path, name) {
  const flat = asking('scandir', name, () => system.list(path));
  const pairs = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i], Number(flat[i + 1])]);
  return pairs.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

export function readdirSync(path, options) {
  const name = asText(path);
  const found = [];
  const visit = (directory, prefix, label) => {
    const below = [];
    for (const [entry, kind] of entries(directory, label)) {
      found.push(options?.withFileTypes ? new Dirent(entry, prefix ? `${name}/${prefix}`.replace(/\/$/, '') : name, kind) : prefix + entry);
      if (options?.recursive && kind === 4) below.push(entry);
    }
    for (const entry of below) visit(`${directory}/${entry}`, `${prefix}${entry}/`, `${label}/${entry}`);
  };
  visit(resolvePath(path), '', name);
  return found;
}

export function mkdirSync(path, options) {
  const target = resolvePath(path);
  if (!options?.recursive) return asking('mkdir', asText(path), () => system.makeDirectory(target)), undefined;
  let first;
  const make = (directory) => {
    if (kindOf(directory) === 4) return;
    const parent = directory.slice(0, directory.lastIndexOf('/'));
    if (parent) make(parent);
    asking('mkdir', asText(path), () => {
      try {
        system.makeDirectory(directory);
      } catch (code) {
        if (code !== 'EEXIST' || kindOf(directory) !== 4) throw code;
        return;
      }
      first ??= directory;
    });
  };
  make(target);
  return first;
}

function kindOf(path) {
  try {
    return system.stat(path, true)[0];
  } catch {
    return 0;
  }
}

export const rmdirSync = (path, options) => (options?.recursive ? rmSync(path, { ...options, force: false })
  : asking('rmdir', asText(path), () => system.removeDirectory(resolvePath(path))));
export const unlinkSync = (path) => asking('unlink', asText(path), () => system.removeFile(resolvePath(path)));

export function rmSync(path, options) {
  const target = resolvePath(path);
  let kind;
  try {
    [kind] = system.stat(target, false);
  } catch (code) {
    if (options?.force && code === 'ENOENT') return;
    throw uvException(code, 'lstat', asText(path));
  }
  if (kind !== 4) return asking('rm', asText(path), () => system.removeFile(target)), undefined;
  if (!options?.recursive) {
    const error = coded(new Error(`Path is a directory: rm returned EISDIR (is a directory) ${asText(path)}`), 'ERR_FS_EISDIR');
    error.name = 'SystemError';
    throw error;
  }
  const remove = (directory) => {
    for (const [entry, type] of entries(directory, directory)) {
      if (type === 4) remove(`${directory}/${entry}`);
      else asking('unlink', `${directory}/${entry}`, () => system.removeFile(`${directory}/${entry}`));
    }
    asking('rmdir', directory, () => system.removeDirectory(directory));
  };
  remove(target);
}

export const renameSync = (from, to) => asking('rename', asText(from), () => system.rename(resolvePath(from), resolvePath(to)), asText(to));
export const linkSync = (from, to) => asking('link', asText(from), () => system.link(resolvePath(from), resolvePath(to)), asText(to));
export const symlinkSync = (target, path) => asking('symlink', asText(target), () => system.symlink(asText(target), resolvePath(path)), asText(path));
export const readlinkSync = (path) => asking('readlink', asText(path), () => system.readLink(resolvePath(path)));

export function copyFileSync(from, to, mode = 0) {
  const copy = () => {
    const source = system.open(resolvePath(from), 'r');
    try {
      const bytes = system.readAt(source, -1, 0);
      const target = system.open(resolvePath(to), mode & constants.COPYFILE_EXCL ? 'wcx' : 'wct');
      try {
        system.writeAt(target, bytes, 0);
      } finally {
        system.close(target);
      }
    } finally {
      system.close(source);
    }
  };
  asking('copyfile', asText(from), copy, asText(to));
}

export function cpSync(from, to, options = {}) {
  const stat = lstatSync(from);
  const [source, target] = [asText(from), asText(to)];
  if (options.filter && !options.filter(source, target)) return;
  if (stat.isDirectory()) {
    if (!options.recursive) {
      throw coded(new Error(`Recursive option not enabled, cannot copy a directory: ${source}`), 'ERR_FS_EISDIR');
    }
    mkdirSync(to, { recursive: true });
    for (const entry of readdirSync(from)) cpSync(`${source}/${entry}`, `${target}/${entry}`, options);
  } else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (options.force !== false || !existsSync(to)) {
    mkdirSync(resolvePath(to).replace(/\/[^/]*$/, '') || '/', { recursive: true });
    copyFileSync(from, to);
  }
}

export function mkdtempSync(prefix) {
  const name = asText(prefix, 'prefix');
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const path = name + [...system.random(6)].map((byte) => letters[byte % letters.length]).join('');
  asking('mkdtemp', `${name}XXXXXX`, () => system.makeDirectory(resolvePath(path)));
  return path;
}

export function truncateSync(path, size = 0) {
  const descriptor = typeof path === 'number' ? path : openSync(path, 'r+');
  asking('ftruncate', undefined, () => system.truncate(descriptor, size));
  if (descriptor !== path) closeSync(descriptor);
}
export const ftruncateSync = truncateSync;

const seconds = (time) => (time instanceof Date ? time.getTime() / 1e3 : Number(time));
export const utimesSync = (path, access, modification) =>
  asking('utime', asText(path), () => system.times(resolvePath(path), seconds(access), seconds(modification), true));

export function realpathSync(path) {
  let target = resolvePath(path);
  for (let n_links = 0; n_links < 40; n_links++) {
    const parts = target.split('/').slice(1).filter(Boolean);
    let at = '';
    let link = null;
    for (let i = 0; i < parts.length && link === null; i++) {
      at += `/${parts[i]}`;
      const kind = asking('lstat', asText(path), () => system.stat(at, false)[0]);
      if (kind === 0o12) link = resolvePath([at.slice(0, at.lastIndexOf('/')), system.readLink(at), ...parts.slice(i + 1)].join('/'));
    }
    if (link === null) return target;
    target = link;
  }
  throw uvException('ELOOP', 'realpath', asText(path));
}
realpathSync.native = realpathSync;

export function opendirSync(path) {
  const list = readdirSync(path, { withFileTypes: true });
  return {
    path, readSync: () => list.shift() ?? null, read: async () => list.shift() ?? null, closeSync() {}, async close() {},
    async *[Symbol.asyncIterator]() { yield* list; },
  };
}

const nothing = () => {};
export const sync = {
  openSync, closeSync, readFileSync, writeFileSync, appendFileSync, readSync, writeSync, statSync, lstatSync, fstatSync,
  accessSync, readdirSync, mkdirSync, rmdirSync, rmSync, unlinkSync, renameSync, linkSync, symlinkSync, readlinkSync,
  copyFileSync, cpSync, mkdtempSync, truncateSync, ftruncateSync, utimesSync, realpathSync, opendirSync,
  chmodSync: (path) => accessSync(path), chownSync: (path) => accessSync(path), lchownSync: nothing, fchmodSync: nothing, fsyncSync: nothing, fdatasyncSync: nothing,
};

export const fs = {
  ...sync, existsSync, constants, Stats, Dirent, createReadStream, createWriteStream,
  F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1,
  exists: (path, callback) => process.nextTick(callback, existsSync(path)),
  watch() { throw uvException('ENOTSUP', 'watch'); },
};
Object.assign(fs, asynchronous(sync));
fs.promises = promises(sync, constants);
