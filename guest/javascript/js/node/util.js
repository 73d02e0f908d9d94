// `util`: inspect, format, promisify, parseArgs, types and the like.

import { format } from '../format.js';
import { inspect } from '../inspect.js';
import { coded, invalidArgument } from '../errors.js';
import { process } from '../process.js';
import { isDeepStrictEqual } from './deep-equal.js';
import { parseArgs } from './parse-args.js';

const promisified = Symbol.for('nodejs.util.promisify.custom');

function promisify(original) {
  if (typeof original !== 'function') throw invalidArgument('original', 'of type function', original);
  if (original[promisified]) return original[promisified];
  return function (...args) {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value)));
    });
  };
}
promisify.custom = promisified;

function callbackify(original) {
  return function (...args) {
    const callback = args.pop();
    original.apply(this, args).then((value) => process.nextTick(callback, null, value), (error) => process.nextTick(callback, error));
  };
}

function inherits(constructor, parent) {
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

function deprecate(call, message, code) {
  let isWarned = false;
  return function (...args) {
    if (!isWarned) {
      isWarned = true;
      process.emitWarning(`${code ? `[${code}] ` : ''}${message}`, 'DeprecationWarning');
    }
    return new.target ? Reflect.construct(call, args, new.target) : call.apply(this, args);
  };
}

const tag = (name) => (value) => Object.prototype.toString.call(value) === `[object ${name}]`;
const types = {
  isDate: tag('Date'), isRegExp: tag('RegExp'), isMap: (value) => value instanceof Map, isSet: (value) => value instanceof Set,
  isWeakMap: (value) => value instanceof WeakMap, isWeakSet: (value) => value instanceof WeakSet,
  isPromise: (value) => value instanceof Promise, isNativeError: (value) => value instanceof Error,
  isArrayBuffer: (value) => value instanceof ArrayBuffer, isAnyArrayBuffer: (value) => value instanceof ArrayBuffer,
  isArrayBufferView: (value) => ArrayBuffer.isView(value), isTypedArray: (value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
  isUint8Array: (value) => value instanceof Uint8Array, isDataView: (value) => value instanceof DataView,
  isAsyncFunction: tag('AsyncFunction'), isGeneratorFunction: (value) => /Generator/.test(Object.prototype.toString.call(value)) && typeof value === 'function',
  isGeneratorObject: tag('Generator'), isProxy: () => false,
  isBoxedPrimitive: (value) => typeof value === 'object' && [Number, String, Boolean, BigInt, Symbol].some((type) => value instanceof type),
};

// eslint-disable-next-line no-control-regex
const ANSI = /\u001b\[[0-9;]*[A-Za-z]/g;
const COLOURS = { bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], red: [31, 39], green: [32, 39], yellow: [33, 39],
  blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39], gray: [90, 39], grey: [90, 39], black: [30, 39] };

export const util = {
  inspect, format, promisify, callbackify, inherits, deprecate, types, isDeepStrictEqual, parseArgs,
  formatWithOptions: (options, ...args) => format(...args),
  debuglog: () => Object.assign(() => {}, { enabled: false }),
  debug: () => Object.assign(() => {}, { enabled: false }),
  stripVTControlCharacters: (text) => String(text).replace(ANSI, ''),
  styleText(style, text) {
    return [style].flat().reduceRight((inner, name) => {
      if (!COLOURS[name]) throw coded(new TypeError(`The argument 'format' must be one of: ${Object.keys(COLOURS)}. Received '${name}'`), 'ERR_INVALID_ARG_VALUE');
      return `\u001b[${COLOURS[name][0]}m${inner}\u001b[${COLOURS[name][1]}m`;
    }, text);
  },
  toUSVString: (text) => String(text).toWellFormed(),
  isArray: Array.isArray,
  TextEncoder: globalThis.TextEncoder,
  TextDecoder: globalThis.TextDecoder,
};
