// `Request` and `Response`.

import { AbortSignal } from './events.js';
import { Body, extracted } from './body.js';
import { Headers } from './headers.js';
import { ReadableStream } from './streams.js';
import { URL } from './url.js';

function parsed(input) {
  try {
    return new URL(input);
  } catch (cause) {
    throw new TypeError(`Failed to parse URL from ${input}`, { cause });
  }
}

const NORMALIZED = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];

export class Request extends Body {
  constructor(input, init = {}) {
    super();
    const source = input instanceof Request ? input : null;
    const url = parsed(source ? source.url : input);
    if (url.username || url.password) throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${input}`);
    this.url = url.href;
    const method = String(init.method ?? source?.method ?? 'GET');
    if (/^(CONNECT|TRACE|TRACK)$/i.test(method) || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) throw new TypeError(`'${method}' is not a valid HTTP method.`);
    this.method = NORMALIZED.includes(method.toUpperCase()) ? method.toUpperCase() : method;
    this.headers = new Headers(init.headers ?? source?.headers);
    this.redirect = init.redirect ?? source?.redirect ?? 'follow';
    if (!['follow', 'error', 'manual'].includes(this.redirect)) throw new TypeError(`Request constructor: ${this.redirect} is not an accepted type. Expected one of follow, error, manual.`);
    this.signal = init.signal ?? source?.signal ?? new AbortSignal();
    this.cache = 'default';
    this.credentials = 'same-origin';
    this.mode = 'cors';
    this.keepalive = false;
    const hasBody = init.body !== undefined && init.body !== null;
    if ((hasBody || (source && !('body' in init) && source.body)) && (this.method === 'GET' || this.method === 'HEAD')) {
      throw new TypeError('Request with GET/HEAD method cannot have body.');
    }
    if (hasBody) {
      if (!init.duplex && init.body instanceof ReadableStream) throw new TypeError('RequestInit: duplex option is required when sending a body.');
      const { type, ...body } = extracted(init.body);
      this.setBody(body);
      if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
    } else if (source) this.setBody(source.split());
  }
  clone() { return new Request(this); }
}

const NULL_BODY = [101, 204, 205, 304];
const REDIRECTS = [301, 302, 303, 307, 308];

export class Response extends Body {
  constructor(body = null, init = {}) {
    super();
    const status = init.status ?? 200;
    if (!Number.isInteger(status) || status < 200 || status > 599) throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
    this.status = status;
    this.statusText = String(init.statusText ?? '');
    this.headers = new Headers(init.headers);
    this.type = 'default';
    this.url = '';
    this.redirected = false;
    if (body !== null && body !== undefined) {
      if (NULL_BODY.includes(status)) throw new TypeError(`Response constructor: Invalid response status code ${status}`);
      const { type, ...source } = extracted(body);
      this.setBody(source);
      if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
    }
  }
  get ok() { return this.status >= 200 && this.status < 300; }
  clone() {
    const copy = new Response(null, this);
    copy.setBody(this.split());
    return Object.assign(copy, { type: this.type, url: this.url, redirected: this.redirected });
  }
  static json(data, init = {}) {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Value is not JSON serializable');
    const response = new Response(text, init);
    if (!new Headers(init.headers).has('content-type')) response.headers.set('content-type', 'application/json');
    return response;
  }
  static error() { return Object.assign(new Response(null), { type: 'error', status: 0 }); }
  static redirect(url, status = 302) {
    if (!REDIRECTS.includes(status)) throw new RangeError(`Invalid status code ${status}`);
    return new Response(null, { status, headers: { location: new URL(url).href } });
  }
}

for (const type of [Request, Response]) Object.defineProperty(type.prototype, Symbol.toStringTag, { value: type.name, configurable: true });
