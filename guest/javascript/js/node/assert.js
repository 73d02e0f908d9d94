// `assert`, loose and strict. Messages name both values; node's coloured line-by-line difference isn't here.

import { inspect } from '../inspect.js';
import { invalidArgument } from '../errors.js';
import { isDeepLooseEqual, isDeepStrictEqual } from './deep-equal.js';

const WORDS = {
  strictEqual: 'Expected values to be strictly equal:', notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  deepStrictEqual: 'Expected values to be strictly deep-equal:', deepEqual: 'Expected values to be loosely deep-equal:',
};

export class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message ?? `${WORDS[operator] ?? `The expression evaluated to a falsy value (${operator}):`}\n\n${inspect(actual)} !== ${inspect(expected)}\n`);
    this.generatedMessage = message === undefined;
    this.code = 'ERR_ASSERTION';
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
    Object.defineProperty(this, 'stack', {
      value: this.stack.replace(/^Error/, 'AssertionError [ERR_ASSERTION]'), configurable: true, writable: true,
    });
  }
  get name() { return 'AssertionError'; }
}

function check(condition, message, actual, expected, operator, fallback) {
  if (condition) return;
  if (message instanceof Error) throw message;
  throw new AssertionError({ message: message ?? fallback, actual, expected, operator });
}

export function assert(value, message) {
  if (arguments.length === 0) message = 'No value argument passed to `assert.ok()`';
  check(value, message, value, true, '==', 'The expression evaluated to a falsy value:\n\n  assert(…)\n');
}

function matches(error, expected) {
  if (expected === undefined) return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return true;
    if (Error.isPrototypeOf(expected) || expected === Error) return false;
    return expected.call({}, error) === true;
  }
  return Object.keys(expected).every((key) => (expected[key] instanceof RegExp && typeof error[key] === 'string'
    ? expected[key].test(error[key]) : isDeepStrictEqual(error[key], expected[key])));
}

function caught(error, expected, message, operator) {
  if (typeof expected === 'string') [message, expected] = [expected, undefined];
  if (matches(error, expected)) return;
  if (typeof expected === 'object' && !(expected instanceof RegExp)) check(false, message, error, expected, operator, `Expected values to be strictly deep-equal:\n\n${inspect(error)}\n\nshould match\n\n${inspect(expected)}\n`);
  if (expected instanceof RegExp) check(false, message, error, expected, operator, `The input did not match the regular expression ${expected}. Input:\n\n${inspect(String(error))}\n`);
  throw error;
}

function missing(expected, message, operator, kind) {
  if (typeof expected === 'string') [message, expected] = [expected, undefined];
  const name = expected?.name ? ` (${expected.name})` : '';
  const suffix = message ? `: ${message}` : '.';
  throw new AssertionError({ message: `Missing expected ${kind}${name}${suffix}`, actual: undefined, expected, operator });
}

const looselyEqual = (a, b) => a == b || (a !== a && b !== b); // eslint-disable-line eqeqeq

Object.assign(assert, {
  AssertionError,
  ok: assert,
  fail: (message = 'Failed') => check(false, message, undefined, undefined, 'fail'),
  equal: (a, b, message) => check(looselyEqual(a, b), message, a, b, '==', `${inspect(a)} == ${inspect(b)}`),
  notEqual: (a, b, message) => check(!looselyEqual(a, b), message, a, b, '!=', `${inspect(a)} != ${inspect(b)}`),
  strictEqual: (a, b, message) => check(Object.is(a, b), message, a, b, 'strictEqual'),
  notStrictEqual: (a, b, message) => check(!Object.is(a, b), message, a, b, 'notStrictEqual', `${WORDS.notStrictEqual} ${inspect(b)}`),
  deepEqual: (a, b, message) => check(isDeepLooseEqual(a, b), message, a, b, 'deepEqual'),
  notDeepEqual: (a, b, message) => check(!isDeepLooseEqual(a, b), message, a, b, 'notDeepEqual'),
  deepStrictEqual: (a, b, message) => check(isDeepStrictEqual(a, b), message, a, b, 'deepStrictEqual'),
  notDeepStrictEqual: (a, b, message) => check(!isDeepStrictEqual(a, b), message, a, b, 'notDeepStrictEqual'),
  match: (text, pattern, message) => check(typeof text === 'string' && pattern.test(text), message, text, pattern, 'match',
    `The input did not match the regular expression ${pattern}. Input:\n\n${inspect(text)}\n`),
  doesNotMatch: (text, pattern, message) => check(!pattern.test(text), message, text, pattern, 'doesNotMatch'),
  ifError(value) { if (value !== null && value !== undefined) throw value instanceof Error ? value : new AssertionError({ message: `ifError got unwanted exception: ${inspect(value)}`, actual: value, operator: 'ifError' }); },
  throws(call, expected, message) {
    if (typeof call !== 'function') throw invalidArgument('fn', 'of type function', call);
    try {
      call();
    } catch (error) {
      return caught(error, expected, message, 'throws');
    }
    return missing(expected, message, 'throws', 'exception');
  },
  doesNotThrow: (call) => call(),
  async rejects(promise, expected, message) {
    try {
      await (typeof promise === 'function' ? promise() : promise);
    } catch (error) {
      return caught(error, expected, message, 'rejects');
    }
    return missing(expected, message, 'rejects', 'rejection');
  },
  async doesNotReject(promise) { await (typeof promise === 'function' ? promise() : promise); },
});

function strict(value, message) { assert(value, message); }
assert.strict = Object.assign(strict, assert, {
  equal: assert.strictEqual, notEqual: assert.notStrictEqual, deepEqual: assert.deepStrictEqual, notDeepEqual: assert.notDeepStrictEqual,
});
assert.strict.strict = assert.strict;
