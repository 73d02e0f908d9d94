// `Headers`: names without regard to case, values joined, in the order of the names.

import { custom, inspect } from '../inspect.js';

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// eslint-disable-next-line no-control-regex
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export class Headers {
  #map = new Map();

  constructor(init) {
    if (init === undefined || init === null) return;
    if (init instanceof Headers) for (const [name, value] of init) this.append(name, value);
    else if (typeof init[Symbol.iterator] === 'function' && typeof init !== 'string') {
      for (const pair of init) {
        if (pair.length !== 2) throw new TypeError('Headers constructor: expected name/value pair to be length 2');
        this.append(pair[0], pair[1]);
      }
    } else for (const [name, value] of Object.entries(init)) this.append(name, value);
  }

  #check(name, value, what) {
    name = String(name);
    value = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
    if (!NAME.test(name)) throw new TypeError(`Headers.${what}: ${JSON.stringify(name)} is an invalid header name.`);
    if (!VALUE.test(value)) throw new TypeError(`Headers.${what}: ${JSON.stringify(value)} is an invalid header value.`);
    return [name.toLowerCase(), value];
  }

  append(name, value) {
    const [key, text] = this.#check(name, value, 'append');
    const values = this.#map.get(key);
    if (values) values.push(text);
    else this.#map.set(key, [text]);
  }
  set(name, value) {
    const [key, text] = this.#check(name, value, 'set');
    this.#map.set(key, [text]);
  }
  delete(name) { this.#map.delete(String(name).toLowerCase()); }
  get(name) { return this.#map.get(String(name).toLowerCase())?.join(', ') ?? null; }
  has(name) { return this.#map.has(String(name).toLowerCase()); }
  getSetCookie() { return [...(this.#map.get('set-cookie') ?? [])]; }
  forEach(callback, receiver) { for (const [name, value] of this) callback.call(receiver, value, name, this); }
  *entries() {
    for (const name of [...this.#map.keys()].sort()) {
      if (name === 'set-cookie') for (const value of this.#map.get(name)) yield [name, value];
      else yield [name, this.#map.get(name).join(', ')];
    }
  }
  *keys() { for (const [name] of this) yield name; }
  *values() { for (const [, value] of this) yield value; }
  [Symbol.iterator]() { return this.entries(); }
  [custom](depth, options) { return `Headers ${inspect(Object.fromEntries(this), options)}`; }
}
Object.defineProperty(Headers.prototype, Symbol.toStringTag, { value: 'Headers', configurable: true });
