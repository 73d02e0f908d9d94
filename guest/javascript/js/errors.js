// Errors as node shows them: stacks with a header, codes, and the report of one that nobody caught.

import { system } from './system.js';
import { inspect } from './inspect.js';

// Files that were compiled inside a CommonJS wrapper, with the wrapper's length: it shifts columns of the first line.
export const wrapped = new Map();

const INTERNAL = 'node:internal';

function header(error) {
  let name = 'Error';
  let message = '';
  try {
    name = error.name === undefined ? 'Error' : String(error.name);
    message = error.message === undefined ? '' : String(error.message);
  } catch {
    // A getter that throws must not hide the error it belongs to.
  }
  return message === '' ? name : name === '' ? message : `${name}: ${message}`;
}

function frame(site) {
  const file = site.getFileName();
  if (site.isNative() || !file || file.startsWith(INTERNAL)) return '';
  const line = site.getLineNumber();
  let column = site.getColumnNumber();
  if (line === 1 && wrapped.has(file)) column = Math.max(1, column - wrapped.get(file));
  const name = site.getFunctionName();
  const place = `${file}:${line}:${column}`;
  return !name || name === '<anonymous>' || name === '<eval>' ? `\n    at ${place}` : `\n    at ${name} (${place})`;
}

function keep(error, stack) {
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true, enumerable: false });
}

function isConstructor(error, name) {
  if (!name) return false;
  for (let at = Object.getPrototypeOf(error); at && at !== Error.prototype; at = Object.getPrototypeOf(at)) {
    if (Object.getOwnPropertyDescriptor(at, 'constructor')?.value?.name === name) return true;
  }
  return false;
}

// Marks a stack whose header isn't made yet: a class may set its `name` after `super()`, and node shows that one.
const UNFINISHED = '\0';

// The engine keeps stacks behind an accessor of `Error.prototype`; ours finishes them when they are first looked at.
export function installStacks() {
  const { get } = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');
  const capture = Error.captureStackTrace;
  Error.prepareStackTrace = (error, sites) => {
    let text = UNFINISHED;
    let isInside = true;
    for (const site of sites) {
      // The constructors of the error's own class are no part of where it happened.
      isInside &&= isConstructor(error, site.getFunctionName());
      if (!isInside) text += frame(site);
    }
    return text;
  };
  Error.captureStackTrace = function captureStackTrace(target, ...rest) {
    capture(target, ...rest);
    const own = Object.getOwnPropertyDescriptor(target, 'stack')?.value;
    if (typeof own !== 'string' || !own.startsWith(UNFINISHED)) return;
    keep(target, header(target) + own.slice(1));
  };
  Object.defineProperty(Error.prototype, 'stack', {
    configurable: true,
    get() {
      const text = get.call(this);
      if (typeof text !== 'string' || !text.startsWith(UNFINISHED)) return text;
      const finished = header(this) + text.slice(1);
      keep(this, finished);
      return finished;
    },
    set(value) { keep(this, value); },
  });
  Error.stackTraceLimit = 10;
}

// Gives an error the `code` and the stack header (`TypeError [CODE]: …`) that node's own errors have.
export function coded(error, code) {
  error.code = code;
  const { name } = error;
  if (typeof error.stack === 'string' && error.stack.startsWith(`${name}:`)) {
    Object.defineProperty(error, 'stack', {
      value: `${name} [${code}]${error.stack.slice(name.length)}`, configurable: true, writable: true,
    });
  }
  return error;
}

export function invalidArgument(name, expected, value) {
  let received = value == null ? ` Received ${value}` : ` Received type ${typeof value} (${inspect(value, { depth: -1 })})`;
  if (typeof value === 'function') received = ` Received function ${value.name}`;
  else if (typeof value === 'object' && value !== null) {
    received = value.constructor?.name ? ` Received an instance of ${value.constructor.name}` : ` Received ${inspect(value, { depth: -1 })}`;
  }
  return coded(new TypeError(`The "${name}" argument must be ${expected}.${received}`), 'ERR_INVALID_ARG_TYPE');
}

const PLACE = /\(?([^\s()]+?):(\d+)(?::(\d+))?\)?$/;

// Where the error happened: the first frame of its stack that lies in a file of the script's.
function place(error) {
  const lines = String(error?.stack ?? '').split('\n');
  for (const line of lines) {
    if (!line.startsWith('    at ')) continue;
    const match = PLACE.exec(line);
    if (match && match[1].startsWith('/')) return { file: match[1], line: Number(match[2]), column: Number(match[3] ?? 1) };
  }
  return null;
}

function excerpt(error) {
  const at = place(error);
  if (!at) return '';
  let text = `${at.file}:${at.line}\n`;
  try {
    const descriptor = system.open(at.file, 'r');
    const lines = system.text(system.readAt(descriptor, -1, 0), false).split('\n');
    system.close(descriptor);
    const line = lines[at.line - 1];
    if (line === undefined) return text;
    text += `${line}\n${line.slice(0, at.column - 1).replace(/[^\t]/g, ' ')}^\n`;
  } catch {
    // The place alone says enough when the file can't be read again.
  }
  return text + '\n';
}

// The text for standard error when `error` ends the program.
export function report(error) {
  const isError = error instanceof Error || (error && typeof error === 'object' && typeof error.stack === 'string');
  if (!isError) return `Uncaught ${inspect(error)}\n`;
  return `${excerpt(error)}${inspect(error)}\n`;
}
