// The event loop: timers, immediates, finished input and output, `process.nextTick`, and the end of the program.
//
// The engine calls `turn()` again and again and runs all microtasks in between, so one turn runs at most one callback.
// It waits only when nothing is ready, and ends only when nothing can become ready any more.

import { system } from './system.js';

const timers = [];
const immediates = [];
const ready = [];
const watched = new Map();
const ticks = [];
let nextTimer = 1;
let stdinCallback = null;
let hooks = { unhandled() {}, beforeExit() {}, end() {} };

export function setHooks(given) {
  hooks = given;
}

class Timeout {
  constructor(callback, delay, args, repeat) {
    delay = Number(delay);
    this.id = nextTimer++;
    this.delay = delay >= 1 && delay <= 2147483647 ? Math.trunc(delay) : 1;
    this.callback = callback;
    this.args = args;
    this.repeat = repeat;
    this.isReferenced = true;
    schedule(this);
  }
  ref() { this.isReferenced = true; return this; }
  unref() { this.isReferenced = false; return this; }
  hasRef() { return this.isReferenced; }
  refresh() { cancel(this); schedule(this); return this; }
  close() { cancel(this); return this; }
  [Symbol.toPrimitive]() { return this.id; }
  [Symbol.dispose]() { cancel(this); }
}

function schedule(timer) {
  timer.at = system.monotonic() + timer.delay;
  let i = timers.length;
  while (i > 0 && timers[i - 1].at > timer.at) i--;
  timers.splice(i, 0, timer);
  timer.isActive = true;
}

function cancel(timer) {
  timer.isActive = false;
  const i = timers.indexOf(timer);
  if (i >= 0) timers.splice(i, 1);
}

function requireFunction(callback) {
  if (typeof callback === 'function') return;
  const error = new TypeError('The "callback" argument must be of type function. Received ' + (callback === null ? 'null' : typeof callback));
  error.code = 'ERR_INVALID_ARG_TYPE';
  throw error;
}

export function setTimeout(callback, delay, ...args) {
  requireFunction(callback);
  return new Timeout(callback, delay, args, false);
}

export function setInterval(callback, delay, ...args) {
  requireFunction(callback);
  return new Timeout(callback, delay, args, true);
}

export function clearTimeout(timer) {
  if (timer instanceof Timeout) cancel(timer);
  else if (typeof timer === 'number' || typeof timer === 'string') {
    const found = timers.find((other) => other.id === Number(timer));
    if (found) cancel(found);
  }
}

export const clearInterval = clearTimeout;

class Immediate {
  constructor(callback, args) {
    this.callback = callback;
    this.args = args;
    immediates.push(this);
  }
  ref() { return this; }
  unref() { return this; }
  hasRef() { return true; }
  [Symbol.dispose]() { clearImmediate(this); }
}

export function setImmediate(callback, ...args) {
  requireFunction(callback);
  return new Immediate(callback, args);
}

export function clearImmediate(immediate) {
  if (!immediate) return;
  immediate.callback = null;
}

export function nextTick(callback, ...args) {
  requireFunction(callback);
  ticks.push(callback, args);
}

export function runTicks() {
  while (ticks.length) {
    const [callback, args] = ticks.splice(0, 2);
    callback(...args);
  }
}

// Runs `callback` as the completion of input or output: after the timers that are due, before the immediates.
export function complete(callback) {
  ready.push(callback);
}

// Calls `callback` when the request (a number of the engine's) has news.
export function watch(request, callback) {
  watched.set(request, callback);
}

export function unwatch(request) {
  watched.delete(request);
}

// Calls `callback` once when standard input can be read.
export function watchStdin(callback) {
  stdinCallback = callback;
}

function isAlive() {
  return ready.length > 0 || immediates.length > 0 || watched.size > 0 || stdinCallback !== null
    || timers.some((timer) => timer.isReferenced);
}

function runTimer(timer) {
  cancel(timer);
  if (timer.repeat) schedule(timer);
  timer.callback(...timer.args);
}

function runDueTimer() {
  if (!timers.length || timers[0].at > system.monotonic()) return false;
  runTimer(timers[0]);
  return true;
}

function wait() {
  const limit = immediates.length || ready.length ? 0
    : timers.length ? Math.max(0, timers[0].at - system.monotonic()) : -1;
  if (limit === 0 && !watched.size && !stdinCallback) return;
  system.wait(limit, [...watched.keys()], stdinCallback !== null);
  for (const [request, callback] of [...watched]) {
    watched.delete(request);
    ready.push(() => callback(request));
  }
  if (stdinCallback && system.stdinReady()) {
    ready.push(stdinCallback);
    stdinCallback = null;
  }
}

// What is left of the current round of immediates: those that they schedule themselves wait for the next.
let round = [];

export function turn() {
  hooks.unhandled();
  if (round.length) return runImmediate();
  if (runDueTimer()) return true;
  if (ready.length) {
    ready.shift()();
    return true;
  }
  if (immediates.length) {
    round = immediates.splice(0);
    return runImmediate();
  }
  if (!isAlive()) {
    hooks.beforeExit();
    if (!isAlive() && !ticks.length) {
      hooks.end();
      return false;
    }
    return true;
  }
  wait();
  return true;
}

function runImmediate() {
  const immediate = round.shift();
  if (immediate.callback) immediate.callback(...immediate.args);
  return true;
}
