// The callback and the promise form of every synchronous call of `fs`, finished in a later turn of the event loop.

import { complete } from '../loop.js';
import { FileHandle } from './fs-handle.js';

// Those that take a callback with more than one value.
const SPECIAL = { readSync: 'bytesRead', writeSync: 'bytesWritten' };

export function asynchronous(sync) {
  const made = {};
  for (const [name, call] of Object.entries(sync)) {
    const plain = name.slice(0, -4);
    made[plain] = (...args) => {
      const callback = args.pop();
      if (typeof callback !== 'function') {
        const error = new TypeError(`The "cb" argument must be of type function. Received ${callback === undefined ? 'undefined' : typeof callback}`);
        error.code = 'ERR_INVALID_ARG_TYPE';
        throw error;
      }
      let outcome;
      try {
        const value = call(...args);
        outcome = SPECIAL[name] ? [null, value, args[1]] : value === undefined ? [null] : [null, value];
      } catch (error) {
        outcome = [error];
      }
      complete(() => callback(...outcome));
    };
  }
  return made;
}

export function later(call) {
  return new Promise((resolve, reject) => {
    let settle;
    try {
      const value = call();
      settle = () => resolve(value);
    } catch (error) {
      settle = () => reject(error);
    }
    complete(settle);
  });
}

export function promises(sync, constants) {
  const made = { constants };
  for (const [name, call] of Object.entries(sync)) {
    if (/^(open|close|read|write|f(stat|truncate|chmod|sync|datasync))Sync$/.test(name)) continue;
    const plain = name.slice(0, -4);
    made[plain] = (path, ...args) => later(() => call(path instanceof FileHandle ? path.fd : path, ...args));
  }
  made.open = (path, flags) => later(() => new FileHandle(sync.openSync(path, flags), sync));
  return made;
}
