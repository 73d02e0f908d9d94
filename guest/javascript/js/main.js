// What the engine calls: `start`, `turn` and `ticks` while a script runs, `resolve` and `load` for its modules, `rejection`
// and `fatal` when something goes wrong. Evaluated once, when the image is made.

import { define } from './web/globals.js';
import { startClock } from './web/performance.js';
import { system } from './system.js';
import { console } from './console.js';
import { report } from './errors.js';
import * as loop from './loop.js';
import { exit, process } from './process.js';
import { builtinNames } from './builtins.js';
import { installStripTypes, loadOnce, resolve, startMain } from './loader.js';
import { helpers } from './octopus.js';
import { Buffer } from './node/buffer.js';
import { installStreams } from './web/streams.js';

const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = loop;
define({
  console, process, Buffer, setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate,
  global: globalThis, navigator: { userAgent: 'seawall', hardwareConcurrency: 1, language: 'en-US', platform: 'linux' },
  queueMicrotask(callback) {
    Promise.resolve().then(() => {
      try {
        callback();
      } catch (error) {
        fatal(error);
      }
    });
  },
  ...helpers,
});

// An evaluation that never settles while nothing is left to wait for: node's exit code for it.
const UNSETTLED = 13;

let evaluation = 'settled';
const rejected = new Map();

function fatal(error) {
  if (process.listenerCount('uncaughtException') > 0) {
    process.emit('uncaughtException', error, 'uncaughtException');
    return;
  }
  system.write(2, report(error));
  process.exitCode = 1;
  exit(1);
}

function absolute(path) {
  return path.startsWith('/') ? path : `${process.cwd()}/${path}`.replaceAll('//', '/');
}

function start() {
  const [script, ...args] = system.arguments();
  startClock();
  if (script === undefined) {
    system.write(2, 'usage: javascript SCRIPT [ARGUMENT…]\n');
    system.exit(2);
  }
  const path = absolute(script);
  process.argv = ['/usr/bin/node', path, ...args];
  loop.setHooks({ unhandled, beforeExit: () => process.emit('beforeExit', Number(process.exitCode ?? 0)), end });
  const promise = startMain(path);
  if (!promise) return;
  evaluation = 'running';
  promise.then(() => { evaluation = 'settled'; }, (error) => { evaluation = 'settled'; fatal(error); });
}

function end() {
  if (evaluation === 'running') {
    system.write(2, 'Warning: Detected unsettled top-level await\n');
    process.exitCode ??= UNSETTLED;
  }
  exit();
}

// The engine's report: a promise was rejected and nobody listens (yet), or somebody does after all.
function rejection(promise, reason, isHandled) {
  if (isHandled) rejected.delete(promise);
  else rejected.set(promise, reason);
}

function unhandled() {
  if (!rejected.size) return;
  const all = [...rejected];
  rejected.clear();
  for (const [promise, reason] of all) {
    if (process.listenerCount('unhandledRejection') > 0) process.emit('unhandledRejection', reason, promise);
    else if (reason instanceof Error) fatal(reason);
    else {
      const error = new Error(`This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "${String(reason)}".`);
      error.code = 'ERR_UNHANDLED_REJECTION';
      error.stack = `UnhandledPromiseRejection: ${error.message}`;
      fatal(error);
    }
  }
}

// Takes what the second bundle made.
function install({ streams, stripTypes }) {
  installStreams(streams);
  installStripTypes(stripTypes);
  define(Object.fromEntries(Object.entries(streams).filter(([name]) => /^[A-Z]/.test(name))));
}

export const bundle = {
  install, start, turn: loop.turn, ticks: loop.runTicks, fatal, rejection, resolve, load: loadOnce,
  builtins: builtinNames.map((name) => `node:${name}`),
};
