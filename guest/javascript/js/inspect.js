// `util.inspect` and `util.format`: values as node prints them, so that logs look the same inside and outside.
// Colours, proxies' insides and getters' values are not shown.

import { formatArray, joinEntries } from './inspect-layout.js';

export const custom = Symbol.for('nodejs.util.inspect.custom');

const defaults = {
  showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100,
  maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false,
};

const IDENTIFIER = /^[a-zA-Z_][a-zA-Z_0-9]*$/;
const ESCAPED = /[\u0000-\u001f\u007f-\u009f\\]/g;
const ESCAPES = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\' };
const TypedArray = Object.getPrototypeOf(Uint8Array);
const objectToString = Object.prototype.toString;

export function quote(text) {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  const escaped = text.replace(ESCAPED, (c) => ESCAPES[c] ?? `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function formatNumber(value) {
  return Object.is(value, -0) ? '-0' : String(value);
}

function formatString(value, context) {
  let rest = '';
  if (value.length > context.maxStringLength) {
    const n = value.length - context.maxStringLength;
    value = value.slice(0, context.maxStringLength);
    rest = `... ${n} more character${n > 1 ? 's' : ''}`;
  }
  // A long text inside an object is shown line by line.
  if (context.compact !== true && value.length > 16 && value.length > context.breakLength - context.indentation - 4) {
    return value.split(/(?<=\n)/).map(quote).join(` +\n${' '.repeat(context.indentation + 2)}`) + rest;
  }
  return quote(value) + rest;
}

function formatPrimitive(value, context) {
  switch (typeof value) {
    case 'string': return formatString(value, context);
    case 'number': return formatNumber(value);
    case 'bigint': return `${value}n`;
    case 'symbol': return value.toString();
    default: return String(value);
  }
}

// The name of the class, `null` for an object without one.
function className(value) {
  let at = value;
  while (at && (typeof at === 'object' || typeof at === 'function')) {
    const descriptor = Object.getOwnPropertyDescriptor(at, 'constructor');
    if (descriptor && typeof descriptor.value === 'function' && descriptor.value.name !== ''
      && isInstance(value, descriptor.value)) return descriptor.value.name;
    at = Object.getPrototypeOf(at);
  }
  return null;
}

function isInstance(value, constructor) {
  try {
    return value instanceof constructor;
  } catch {
    return false;
  }
}

function prefixOf(name, tag, fallback, size = '') {
  const suffix = tag !== '' && name !== tag ? `[${tag}] ` : '';
  return name === null ? `[${fallback}${size}: null prototype] ${suffix}` : `${name}${size} ${suffix}`;
}

function tagOf(value, name) {
  let tag;
  try {
    tag = value[Symbol.toStringTag];
  } catch {
    return '';
  }
  return typeof tag === 'string' && tag !== '' && tag !== name ? tag : '';
}

function keysOf(value, context) {
  const keys = context.showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
  const symbols = Object.getOwnPropertySymbols(value)
    .filter((symbol) => context.showHidden || Object.prototype.propertyIsEnumerable.call(value, symbol));
  return symbols.length ? [...keys, ...symbols] : keys;
}

function formatKey(key) {
  if (typeof key === 'symbol') return `[${key.toString()}]`;
  if (key === '__proto__') return "['__proto__']";
  return IDENTIFIER.test(key) ? key : quote(key);
}

function formatProperty(context, value, depth, key, isElement) {
  const descriptor = Object.getOwnPropertyDescriptor(value, key) ?? { value: value[key], enumerable: true };
  let text;
  if (descriptor.value !== undefined || !('get' in descriptor || 'set' in descriptor)) {
    const width = isElement ? 0 : 2;
    context.indentation += context.compact !== true || isElement ? 2 : width;
    text = formatValue(context, descriptor.value, depth);
    context.indentation -= context.compact !== true || isElement ? 2 : width;
  } else if (descriptor.get) text = descriptor.set ? '[Getter/Setter]' : '[Getter]';
  else text = descriptor.set ? '[Setter]' : 'undefined';
  if (isElement) return text;
  const name = formatKey(key);
  return `${descriptor.enumerable === false ? `[${typeof key === 'symbol' ? key.toString() : key}]` : name}: ${text}`;
}

function formatItem(context, value, depth) {
  context.indentation += 2;
  const text = formatValue(context, value, depth);
  context.indentation -= 2;
  return text;
}

function formatElements(context, value, depth) {
  const output = [];
  const n_shown = Math.min(Math.max(0, context.maxArrayLength ?? Infinity), value.length);
  let i = 0;
  while (i < value.length && output.length < n_shown) {
    if (Object.hasOwn(value, i)) {
      output.push(formatProperty(context, value, depth, String(i), true));
      i++;
      continue;
    }
    const start = i;
    while (i < value.length && !Object.hasOwn(value, i)) i++;
    output.push(`<${i - start} empty item${i - start > 1 ? 's' : ''}>`);
  }
  if (i < value.length) output.push(moreItems(value.length - i));
  return output;
}

function moreItems(n) {
  return `... ${n} more item${n > 1 ? 's' : ''}`;
}

function limited(context, items, format) {
  const n_shown = Math.min(context.maxArrayLength ?? Infinity, items.length);
  const output = items.slice(0, n_shown).map(format);
  if (items.length > n_shown) output.push(moreItems(items.length - n_shown));
  return output;
}

const hexByte = (byte) => byte.toString(16).padStart(2, '0');

// What an object is: the text before its braces, the braces, and its entries beyond its properties.
function describe(context, value, depth, name, tag, keys) {
  const isBare = keys.length === 0;
  const braced = (braces, base = '', entries = [], isArray = false) => ({ braces, base, entries, isArray });
  if (Array.isArray(value)) {
    const prefix = name !== 'Array' || tag !== '' ? prefixOf(name, tag, 'Array', `(${value.length})`) : '';
    if (value.length === 0 && isBare) return `${prefix}[]`;
    return braced([`${prefix}[`, ']'], '', formatElements(context, value, depth), true);
  }
  if (value instanceof Set) {
    const prefix = prefixOf(name, tag, 'Set', `(${value.size})`);
    if (value.size === 0 && isBare) return `${prefix}{}`;
    return braced([`${prefix}{`, '}'], '', limited(context, [...value], (item) => formatItem(context, item, depth)));
  }
  if (value instanceof Map) {
    const prefix = prefixOf(name, tag, 'Map', `(${value.size})`);
    if (value.size === 0 && isBare) return `${prefix}{}`;
    return braced([`${prefix}{`, '}'], '', limited(context, [...value], ([key, item]) =>
      `${formatItem(context, key, depth)} => ${formatItem(context, item, depth)}`));
  }
  if (value instanceof TypedArray) {
    const size = `(${value.length})`;
    const prefix = prefixOf(name, tag === name ? '' : tag && tag !== objectToString.call(value).slice(8, -1) ? tag : '', 'TypedArray', size);
    if (value.length === 0 && isBare) return `${prefix}[]`;
    const format = typeof value[0] === 'bigint' ? (item) => `${item}n` : formatNumber;
    return braced([`${prefix}[`, ']'], '', limited(context, Array.from(value), format), true);
  }
  if (typeof value === 'function') {
    const base = functionBase(value, name, tag);
    return isBare ? base : braced(['{', '}'], base);
  }
  if (value instanceof RegExp) {
    const base = RegExp.prototype.toString.call(value);
    return isBare ? base : braced(['{', '}'], base);
  }
  if (objectToString.call(value) === '[object Date]') {
    const base = Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    return isBare ? base : braced(['{', '}'], base);
  }
  if (value instanceof Error) {
    const base = errorBase(context, value, name, keys);
    return keys.length === 0 ? base : braced(['{', '}'], base);
  }
  if (value instanceof ArrayBuffer) {
    const bytes = new Uint8Array(value);
    let text = [...bytes.subarray(0, 50)].map(hexByte).join(' ');
    if (bytes.length > 50) text += ` ... ${bytes.length - 50} more byte${bytes.length > 51 ? 's' : ''}`;
    return braced([`${prefixOf(name, tag, 'ArrayBuffer')}{`, '}'], '',
      [`[Uint8Contents]: <${text}>`, `byteLength: ${bytes.length}`]);
  }
  if (value instanceof DataView) {
    return braced([`${prefixOf(name, tag, 'DataView')}{`, '}'], '',
      ['byteLength', 'byteOffset', 'buffer'].map((key) => `${key}: ${formatItem(context, value[key], depth)}`));
  }
  if (value instanceof Promise) return braced([`${prefixOf(name, tag, 'Promise')}{`, '}'], '', isBare ? ['<state not shown>'] : []);
  if (value instanceof WeakSet) return braced([`${prefixOf(name, tag, 'WeakSet')}{`, '}'], '', ['<items unknown>']);
  if (value instanceof WeakMap) return braced([`${prefixOf(name, tag, 'WeakMap')}{`, '}'], '', ['<items unknown>']);
  const boxed = formatBoxed(value, name, context);
  if (boxed) return isBare || boxed.isString ? boxed.text : braced(['{', '}'], boxed.text);
  if (objectToString.call(value) === '[object Arguments]') {
    return braced(['[Arguments] {', '}']);
  }
  if (isIterator(value, tag)) return braced([`[${tag}] {`, '}'], '', []);
  if (name === null && tag === 'Module') return isBare ? '[Module: null prototype] {}' : braced(['[Module: null prototype] {', '}']);
  if (isBare) return name === 'Object' && tag === '' ? '{}' : `${prefixOf(name, tag, 'Object')}{}`;
  return braced([name === 'Object' && tag === '' ? '{' : `${prefixOf(name, tag, 'Object')}{`, '}']);
}

function isIterator(value, tag) {
  return / Iterator$/.test(tag) && typeof value.next === 'function' && tag !== 'Array Iterator';
}

function formatBoxed(value, name, context) {
  const type = { '[object Number]': Number, '[object String]': String, '[object Boolean]': Boolean,
    '[object BigInt]': BigInt, '[object Symbol]': Symbol }[objectToString.call(value)];
  if (!type || !isInstance(value, type)) return null;
  try {
    const primitive = type.prototype.valueOf.call(value);
    const label = name !== null && name !== type.name ? `${type.name} (${name})` : type.name;
    return { text: `[${label}: ${formatPrimitive(primitive, { ...context, compact: true })}]`, isString: type === String };
  } catch {
    return null;
  }
}

function functionBase(value, name, tag) {
  const source = Function.prototype.toString.call(value);
  if (source.startsWith('class') && source.endsWith('}')) {
    const parent = Object.getPrototypeOf(value);
    const own = Object.hasOwn(value, 'name') && value.name !== '' ? value.name : '(anonymous)';
    return `[class ${own}${parent && parent.name ? ` extends ${parent.name}` : parent === null ? ' extends null' : ''}]`;
  }
  const kind = { AsyncFunction: 'AsyncFunction', GeneratorFunction: 'GeneratorFunction',
    AsyncGeneratorFunction: 'AsyncGeneratorFunction' }[objectToString.call(value).slice(8, -1)] ?? 'Function';
  let base = value.name === '' ? `[${kind} (anonymous)]` : `[${kind}: ${value.name}]`;
  if (name === null) base += ' [null prototype]';
  else if (name !== kind && name !== 'Function') base += ` ${name}`;
  if (tag !== '' && tag !== kind && tag !== name) base += ` [${tag}]`;
  return base;
}

function errorBase(context, error, name, keys) {
  for (const hidden of ['name', 'message', 'stack']) {
    const i = keys.indexOf(hidden);
    if (i >= 0 && (hidden === 'stack' || String(error.stack ?? '').includes(String(error[hidden])))) keys.splice(i, 1);
  }
  for (const key of ['cause', 'errors']) {
    if (Object.hasOwn(error, key) && !keys.includes(key) && (key === 'cause' || Array.isArray(error[key]))) keys.push(key);
  }
  let text = typeof error.stack === 'string' && error.stack !== '' ? error.stack : Error.prototype.toString.call(error);
  // A class that didn't set `name` has its parent's in the stack; its own is put in front.
  const shown = error.name === undefined || error.name === null ? 'Error' : String(error.name);
  if (name !== null && name !== shown && shown.endsWith('Error') && text.startsWith(shown) && /^(?:$|[:\n])/.test(text.slice(shown.length))) {
    text = `${name.includes(shown) ? name : `${name} [${shown}]`}${text.slice(shown.length)}`;
  }
  const firstFrame = text.indexOf('\n    at');
  if (firstFrame < 0) text = `[${text}]`;
  return context.indentation ? text.replaceAll('\n', `\n${' '.repeat(context.indentation)}`) : text;
}

function formatObject(context, value, depth) {
  const name = className(value);
  const tag = tagOf(value, name);
  let keys = keysOf(value, context);
  if (Array.isArray(value) || value instanceof TypedArray || objectToString.call(value) === '[object String]') {
    keys = keys.filter((key) => typeof key === 'symbol' || !/^(0|[1-9]\d*)$/.test(key));
  }
  if (context.depth !== null && depth > context.depth) {
    const label = `${prefixOf(name, tag, Array.isArray(value) ? 'Array' : 'Object').slice(0, -1)}`;
    if (!isLeaf(value, keys)) return Array.isArray(value) && name === 'Array' ? '[Array]' : `[${label}]`;
  }
  context.seen.push(value);
  context.currentDepth = depth;
  let described;
  let output;
  try {
    described = describe(context, value, depth + 1, name, tag, keys);
    if (typeof described === 'string') return referenced(context, value, described);
    output = described.entries;
    for (const key of keys) output.push(formatProperty(context, value, depth + 1, key, false));
  } finally {
    context.seen.pop();
  }
  if (context.sorted && !described.isArray) output.sort(typeof context.sorted === 'function' ? context.sorted : undefined);
  const index = context.circular.get(value);
  if (index !== undefined) {
    if (described.base) described.base = `<ref *${index}> ${described.base}`;
    else described.braces[0] = `<ref *${index}> ${described.braces[0]}`;
  }
  if (described.isArray && context.compact >= 1 && output.length > 6) {
    const grouped = formatArray(context, output, value);
    return joinEntries(context, grouped, described, depth, grouped.length === output.length);
  }
  return joinEntries(context, output, described, depth, true);
}

function referenced(context, value, text) {
  const index = context.circular.get(value);
  return index === undefined ? text : `<ref *${index}> ${text}`;
}

// Objects without entries of their own are shown whole at any depth.
function isLeaf(value, keys) {
  if (value instanceof Error || value instanceof RegExp || typeof value === 'function') return true;
  if (objectToString.call(value) === '[object Date]') return true;
  if (Array.isArray(value)) return value.length === 0 && keys.length === 0;
  if (value instanceof Map || value instanceof Set) return value.size === 0 && keys.length === 0;
  return keys.length === 0 && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);
}

export function formatValue(context, value, depth) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return formatPrimitive(value, context);
  if (context.customInspect) {
    const own = value[custom];
    if (typeof own === 'function' && own !== inspect && !(value.constructor && value.constructor.prototype === value)) {
      const remaining = context.depth === null ? null : context.depth - depth;
      const { seen, circular, indentation, currentDepth, ...options } = context;
      const result = own.call(value, remaining, { ...options, depth: remaining, stylize: String }, inspect);
      if (result !== value) {
        if (typeof result !== 'object' || result === null) {
          return typeof result === 'string' ? result.replaceAll('\n', `\n${' '.repeat(context.indentation)}`) : formatPrimitive(result, context);
        }
        return formatValue(context, result, depth);
      }
    }
  }
  if (context.seen.includes(value)) {
    let index = context.circular.get(value);
    if (index === undefined) context.circular.set(value, index = context.circular.size + 1);
    return `[Circular *${index}]`;
  }
  return formatObject(context, value, depth);
}

export function inspect(value, options, ...rest) {
  const context = { ...defaults, seen: [], circular: new Map(), indentation: 0, currentDepth: 0 };
  if (typeof options === 'boolean') {
    context.showHidden = options;
    if (rest[0] !== undefined) [context.depth] = rest;
  } else if (options) Object.assign(context, options);
  if (context.maxArrayLength === null) context.maxArrayLength = Infinity;
  if (context.maxStringLength === null) context.maxStringLength = Infinity;
  if (context.depth === Infinity) context.depth = null;
  return formatValue(context, value, 0);
}

inspect.custom = custom;
inspect.defaultOptions = defaults;
