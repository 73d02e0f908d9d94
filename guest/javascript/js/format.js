// `util.format`: printf-like placeholders, then the rest of the arguments inspected. What `console.log` prints.

import { inspect } from './inspect.js';

const PLACEHOLDER = /%[sdifjoOc%]/g;

function asText(value) {
  switch (typeof value) {
    case 'string': return value;
    case 'bigint': return `${value}n`;
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'object':
      if (value !== null && !hasOwnText(value)) return inspect(value, { depth: 0, colors: false, compact: 3 });
      return String(value);
    default: return String(value);
  }
}

function hasOwnText(value) {
  if (value instanceof Error) return true;
  if (typeof value.toString !== 'function') return false;
  return value.toString !== Object.prototype.toString && value.toString !== Array.prototype.toString && !(value instanceof Date);
}

function asJson(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (/circular/i.test(error.message)) return '[Circular]';
    throw error;
  }
}

function asNumber(value, convert) {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return 'NaN';
  const number = convert(value);
  return Object.is(number, -0) ? '-0' : String(number);
}

function fill(placeholder, value) {
  switch (placeholder) {
    case '%s': return asText(value);
    case '%d': return typeof value === 'object' && value !== null ? asNumber(Number(value), Number) : asNumber(value, Number);
    case '%i': return asNumber(value, parseInt);
    case '%f': return typeof value === 'symbol' ? 'NaN' : String(parseFloat(value));
    case '%j': return asJson(value);
    case '%o': return inspect(value, { showHidden: true, depth: 4 });
    case '%O': return inspect(value);
    default: return '';
  }
}

export function format(...args) {
  if (args.length === 1) return typeof args[0] === 'string' ? args[0] : inspect(args[0]);
  let text = '';
  let next = 0;
  if (typeof args[0] === 'string') {
    next = 1;
    text = args[0].replace(PLACEHOLDER, (placeholder) => {
      if (placeholder === '%%') return '%';
      return next < args.length ? fill(placeholder, args[next++]) : placeholder;
    });
  }
  for (; next < args.length; next++) {
    if (next > 0) text += ' ';
    text += typeof args[next] === 'string' ? args[next] : inspect(args[next]);
  }
  return text;
}
