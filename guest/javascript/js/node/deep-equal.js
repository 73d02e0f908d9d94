// Deep equality, strict (types and prototypes count) and loose, for `assert` and `util.isDeepStrictEqual`.

function comparePrimitives(a, b, isStrict) {
  // eslint-disable-next-line eqeqeq
  return isStrict ? Object.is(a, b) : a == b || (a !== a && b !== b);
}

function sameEntries(a, b, isStrict, seen) {
  const rest = [...b];
  for (const item of a) {
    const i = rest.findIndex((other) => compare(item, other, isStrict, seen));
    if (i < 0) return false;
    rest.splice(i, 1);
  }
  return true;
}

function compare(a, b, isStrict, seen) {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') {
    return typeof a === 'object' && typeof b === 'object' ? a === b : typeof a === 'function' || typeof b === 'function' ? a === b : comparePrimitives(a, b, isStrict);
  }
  if (isStrict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const tag = Object.prototype.toString.call(a);
  if (tag !== Object.prototype.toString.call(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Date && (a.getTime() !== b.getTime())) return false;
  if (a instanceof RegExp && (String(a) !== String(b) || a.lastIndex !== b.lastIndex)) return false;
  if (a instanceof Error && (a.message !== b.message || a.name !== b.name)) return false;
  if (['[object Number]', '[object String]', '[object Boolean]'].includes(tag) && !Object.is(a.valueOf(), b.valueOf())) return false;
  if (ArrayBuffer.isView(a) && a.length !== b.length) return false;
  if (seen.some(([x, y]) => x === a && y === b)) return true;
  seen = [...seen, [a, b]];
  if ((a instanceof Set || a instanceof Map) && (a.size !== b.size || !sameEntries(a, b, isStrict, seen))) return false;
  const keys = keysOf(a, isStrict);
  if (keys.length !== keysOf(b, isStrict).length || (Array.isArray(a) && a.length !== b.length)) return false;
  return keys.every((key) => Object.prototype.propertyIsEnumerable.call(b, key) && compare(a[key], b[key], isStrict, seen));
}

function keysOf(value, isStrict) {
  const keys = Object.keys(value);
  return isStrict ? [...keys, ...Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))] : keys;
}

export const isDeepStrictEqual = (a, b) => compare(a, b, true, []);
export const isDeepLooseEqual = (a, b) => compare(a, b, false, []);
