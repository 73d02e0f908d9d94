// `URL` and `URLSearchParams`, over the engine's parser.

import { system } from '../system.js';
import { coded } from '../errors.js';
import { custom, inspect } from '../inspect.js';

const [HREF, ORIGIN, PROTOCOL, USERNAME, PASSWORD, HOST, HOSTNAME, PORT, PATHNAME, SEARCH, HASH] = Array(11).keys();

const decode = (text) => system.text(unescapeBytes(text.replaceAll('+', ' ')), false);

function unescapeBytes(text) {
  if (!text.includes('%')) return system.utf8(text);
  const bytes = system.utf8(text);
  const result = new Uint8Array(bytes.length);
  let n = 0;
  for (let i = 0; i < bytes.length; i++) {
    const pair = bytes[i] === 0x25 ? String.fromCharCode(bytes[i + 1] ?? 0, bytes[i + 2] ?? 0) : '';
    if (/^[0-9a-f]{2}$/i.test(pair)) {
      result[n++] = parseInt(pair, 16);
      i += 2;
    } else result[n++] = bytes[i];
  }
  return result.subarray(0, n);
}

const encode = (text) => encodeURIComponent(text.toWellFormed())
  .replace(/%20/g, '+').replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export class URLSearchParams {
  #pairs = [];
  #url = null;

  constructor(init = '') {
    if (init instanceof URLSearchParams) this.#pairs = [...init];
    else if (typeof init === 'object' && init !== null || typeof init === 'function') {
      if (typeof init[Symbol.iterator] === 'function') {
        for (const pair of init) {
          const [...items] = pair;
          if (items.length !== 2) throw coded(new TypeError('Each query pair must be an iterable [name, value] tuple'), 'ERR_INVALID_TUPLE');
          this.#pairs.push([String(items[0]), String(items[1])]);
        }
      } else for (const key of Reflect.ownKeys(init)) if (typeof key === 'string') this.#pairs.push([key, String(init[key])]);
    } else this.#parse(String(init));
  }

  static attached(url, search) {
    const params = new URLSearchParams(search);
    params.#url = url;
    return params;
  }

  static replace(params, search) { params.#parse(search); }

  #parse(text) {
    this.#pairs = (text.startsWith('?') ? text.slice(1) : text).split('&').filter(Boolean).map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    });
  }

  #changed() { if (this.#url) this.#url[setQuery](this.toString()); }

  get size() { return this.#pairs.length; }
  append(name, value) { this.#pairs.push([String(name), String(value)]); this.#changed(); }
  delete(name, value) {
    this.#pairs = this.#pairs.filter(([key, item]) => key !== String(name) || (value !== undefined && item !== String(value)));
    this.#changed();
  }
  get(name) { return this.#pairs.find(([key]) => key === String(name))?.[1] ?? null; }
  getAll(name) { return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value); }
  has(name, value) { return this.#pairs.some(([key, item]) => key === String(name) && (value === undefined || item === String(value))); }
  set(name, value) {
    const i = this.#pairs.findIndex(([key]) => key === String(name));
    if (i < 0) this.#pairs.push([String(name), String(value)]);
    else {
      this.#pairs[i][1] = String(value);
      this.#pairs = this.#pairs.filter(([key], j) => j <= i || key !== String(name));
    }
    this.#changed();
  }
  sort() { this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)); this.#changed(); }
  forEach(callback, receiver) { for (const [name, value] of this) callback.call(receiver, value, name, this); }
  *entries() { for (const [name, value] of this.#pairs) yield [name, value]; }
  *keys() { for (const [name] of this.#pairs) yield name; }
  *values() { for (const [, value] of this.#pairs) yield value; }
  toString() { return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&'); }
  [custom](depth, options) {
    if (!this.#pairs.length) return 'URLSearchParams {}';
    return `URLSearchParams { ${this.#pairs.map((pair) => pair.map((part) => inspect(part, options)).join(' => ')).join(', ')} }`;
  }
}
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, { value: URLSearchParams.prototype.entries, writable: true, configurable: true });
Object.defineProperty(URLSearchParams.prototype, Symbol.toStringTag, { value: 'URLSearchParams', configurable: true });

const setQuery = Symbol('setQuery');

export class URL {
  #parts;
  #params = null;

  constructor(address, base) {
    const input = String(address);
    const parts = system.address(input, base === undefined ? undefined : String(base));
    if (!parts) {
      const error = coded(new TypeError('Invalid URL'), 'ERR_INVALID_URL');
      error.input = input;
      if (base !== undefined) error.base = String(base);
      throw error;
    }
    this.#parts = parts;
  }

  static canParse(address, base) { return Boolean(system.address(String(address), base === undefined ? undefined : String(base))); }
  static parse(address, base) { return URL.canParse(address, base) ? new URL(address, base) : null; }
  static createObjectURL() { throw new Error('object URLs are not available in a sandbox'); }
  static revokeObjectURL() {}

  #set(part, value) {
    this.#parts = system.addressWith(this.#parts[HREF], part, String(value)) ?? this.#parts;
  }
  [setQuery](query) { this.#set('search', query); }

  get href() { return this.#parts[HREF]; }
  set href(value) {
    const { href } = new URL(value);
    this.#parts = system.address(href);
    if (this.#params) URLSearchParams.replace(this.#params, this.#parts[SEARCH]);
  }
  get origin() { return this.#parts[ORIGIN]; }
  get protocol() { return this.#parts[PROTOCOL]; }
  set protocol(value) { this.#set('protocol', value); }
  get username() { return this.#parts[USERNAME]; }
  set username(value) { this.#set('username', value); }
  get password() { return this.#parts[PASSWORD]; }
  set password(value) { this.#set('password', value); }
  get host() { return this.#parts[HOST]; }
  set host(value) { this.#set('host', value); }
  get hostname() { return this.#parts[HOSTNAME]; }
  set hostname(value) { this.#set('hostname', value); }
  get port() { return this.#parts[PORT]; }
  set port(value) { this.#set('port', value); }
  get pathname() { return this.#parts[PATHNAME]; }
  set pathname(value) { this.#set('pathname', value); }
  get search() { return this.#parts[SEARCH]; }
  set search(value) {
    this.#set('search', value);
    if (this.#params) URLSearchParams.replace(this.#params, this.#parts[SEARCH]);
  }
  get hash() { return this.#parts[HASH]; }
  set hash(value) { this.#set('hash', value); }
  get searchParams() { return (this.#params ??= URLSearchParams.attached(this, this.#parts[SEARCH])); }
  toString() { return this.href; }
  toJSON() { return this.href; }
  [custom](depth, options) {
    if (typeof depth === 'number' && depth < 0) return this.toString();
    const shown = {};
    for (const name of ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash']) shown[name] = this[name];
    return `URL ${inspect(shown, options)}`;
  }
}
Object.defineProperty(URL.prototype, Symbol.toStringTag, { value: 'URL', configurable: true });
