// `structuredClone`: copies of data, with cycles kept. Functions, symbols and the like are refused, as the standard says.

function refuse(value) {
  const shown = typeof value === 'function' ? String(value) : typeof value === 'symbol' ? value.toString() : '#<Object>';
  return new DOMException(`${shown} could not be cloned.`, 'DataCloneError');
}

const ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function copy(value, seen) {
  if (typeof value === 'function' || typeof value === 'symbol') throw refuse(value);
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const keep = (result) => { seen.set(value, result); return result; };
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof Boolean || value instanceof Number || value instanceof String) return keep(Object(value.valueOf()));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    const buffer = copy(value.buffer, seen);
    const type = value instanceof Uint8Array ? Uint8Array : value.constructor;
    return keep(new type(buffer, value.byteOffset, value.length ?? value.byteLength));
  }
  if (value instanceof Map) {
    const result = keep(new Map());
    for (const [key, item] of value) result.set(copy(key, seen), copy(item, seen));
    return result;
  }
  if (value instanceof Set) {
    const result = keep(new Set());
    for (const item of value) result.add(copy(item, seen));
    return result;
  }
  if (value instanceof Error) {
    const result = keep(new (ERRORS[value.name] ?? Error)(value.message));
    if (value.stack !== undefined) Object.defineProperty(result, 'stack', { value: value.stack, writable: true, configurable: true });
    if ('cause' in value) Object.defineProperty(result, 'cause', { value: copy(value.cause, seen), writable: true, configurable: true });
    return result;
  }
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof Promise || value instanceof WeakRef) throw refuse(value);
  const result = keep(Array.isArray(value) ? new Array(value.length) : {});
  for (const key of Object.keys(value)) result[key] = copy(value[key], seen);
  return result;
}

export function structuredClone(...args) {
  if (!args.length) throw new TypeError("The \"value\" argument must be specified");
  return copy(args[0], new Map());
}
