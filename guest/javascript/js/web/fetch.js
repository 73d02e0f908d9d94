// `fetch`: one request of the engine's per hop. Redirects are followed here, as the Fetch standard says; resolving, TLS and
// what the policy allows are the host's, hop by hop. `data:` addresses need no network; no other scheme is known.

import { system } from '../system.js';
import { unwatch, watch } from '../loop.js';
import { Request, Response } from './message.js';
import { ReadableStream } from './streams.js';
import { URL } from './url.js';

const REDIRECTS = [301, 302, 303, 307, 308];
const NULL_BODY = [101, 204, 205, 304];

// The Fetch standard's limit.
const MAX_REDIRECTS = 20;

const REASONS = {
  'http-request-denied': ['ERR_SEAWALL_DENIED', (url) => `the policy denied ${url.method} ${url.href} (HTTP-request-denied)`],
  'connection-refused': ['ECONNREFUSED', (url) => `connect ECONNREFUSED ${url.host}`],
  'destination-ip-prohibited': ['ERR_SEAWALL_DENIED', (url) => `the policy denied the address of ${url.host} (destination-IP-prohibited)`],
};

function failure(code, url, method) {
  const [name, text] = REASONS[code] ?? (code.startsWith('dns-error') || code.startsWith('DNS-error') || code === 'dns-timeout'
    ? ['ENOTFOUND', () => `getaddrinfo ENOTFOUND ${url.hostname}`] : [code.split(' ')[0].toUpperCase().replaceAll('-', '_'), () => code]);
  const cause = new Error(text({ host: url.host, href: url.href, method }));
  cause.code = name;
  const isDenied = name === 'ERR_SEAWALL_DENIED';
  return new TypeError(isDenied ? `fetch failed: ${cause.message}` : 'fetch failed', { cause });
}

const REASON_PHRASES = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 206: 'Partial Content', 301: 'Moved Permanently', 302: 'Found',
  303: 'See Other', 304: 'Not Modified', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden',
  404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone', 412: 'Precondition Failed',
  413: 'Payload Too Large', 415: 'Unsupported Media Type', 418: "I'm a Teapot", 422: 'Unprocessable Entity', 429: 'Too Many Requests',
  500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout' };

// One exchange: resolves with the engine's number, the status and the headers.
function exchange(url, method, headers, bytes, signal) {
  return new Promise((resolve, reject) => {
    const fail = (error) => reject(typeof error === 'string' ? failure(error, url, method) : error);
    let id;
    try {
      const flat = [];
      for (const [name, value] of headers) flat.push(name, value);
      id = system.send(method, url.protocol.slice(0, -1), url.host, url.pathname + url.search, flat, bytes);
    } catch (error) {
      return fail(error);
    }
    const stop = () => {
      unwatch(id);
      system.drop(id);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    const ask = () => {
      if (signal.aborted) return;
      try {
        const answer = system.answer(id);
        if (!answer) return void watch(id, ask);
        signal.removeEventListener('abort', stop);
        resolve({ id, status: answer[0], headers: pairs(answer[1]) });
      } catch (error) {
        fail(error);
      }
    };
    return watch(id, ask);
  });
}

function pairs(flat) {
  const result = [];
  for (let i = 0; i < flat.length; i += 2) result.push([flat[i], flat[i + 1]]);
  return result;
}

function bodyStream(id, url, method, signal) {
  let stop;
  return new ReadableStream({
    start(controller) {
      stop = () => {
        unwatch(id);
        system.drop(id);
        controller.error(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
    },
    pull(controller) {
      return new Promise((resolve) => {
        const read = () => {
          if (signal.aborted) return resolve();
          try {
            const bytes = system.body(id);
            if (bytes === null || bytes === undefined) {
              system.drop(id);
              signal.removeEventListener('abort', stop);
              controller.close();
            } else if (bytes.length === 0) return void watch(id, read);
            else controller.enqueue(bytes);
          } catch (error) {
            system.drop(id);
            const cause = typeof error === 'string' ? failure(error, url, method).cause : error;
            controller.error(new TypeError('terminated', { cause }));
          }
          return resolve();
        };
        read();
      });
    },
    cancel() { system.drop(id); },
  }, { highWaterMark: 0 });
}

function prepare(request, bytes) {
  const { headers } = new Request(request.url, { headers: request.headers });
  if (!headers.has('accept')) headers.set('accept', '*/*');
  if (!headers.has('accept-language')) headers.set('accept-language', '*');
  if (!headers.has('user-agent')) headers.set('user-agent', 'seawall');
  headers.delete('host');
  headers.delete('connection');
  headers.delete('transfer-encoding');
  headers.delete('content-length');
  if (bytes) headers.set('content-length', String(bytes.length));
  else if (request.method === 'POST' || request.method === 'PUT') headers.set('content-length', '0');
  return headers;
}

function dataResponse(url) {
  const match = /^data:([^,]*?)(;\s*base64)?,(.*)$/s.exec(url.href);
  if (!match) throw new TypeError('fetch failed', { cause: new Error('invalid data: URL') });
  const text = decodeURIComponent(match[3]);
  const body = match[2] ? system.fromBase64(text) : text;
  return Object.assign(new Response(body, { headers: { 'content-type': match[1] || 'text/plain;charset=US-ASCII' } }), { url: url.href, type: 'basic' });
}

export async function fetch(input, init) {
  const request = new Request(input, init);
  const { signal } = request;
  signal.throwIfAborted();
  let url = new URL(request.url);
  if (url.protocol === 'data:') return dataResponse(url);
  let { method } = request;
  let bytes = request.body ? await request.take() : null;
  const headers = prepare(request, bytes);
  for (let n_redirects = 0; ; n_redirects++) {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError('fetch failed', { cause: new Error('unknown scheme') });
    const answer = await exchange(url, method, headers, bytes, signal);
    const location = REDIRECTS.includes(answer.status) ? answer.headers.find(([name]) => name.toLowerCase() === 'location')?.[1] : undefined;
    if (location === undefined || request.redirect === 'manual') return respond(answer, url, method, n_redirects > 0, signal);
    system.drop(answer.id);
    if (request.redirect === 'error') throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
    if (n_redirects >= MAX_REDIRECTS) throw new TypeError('fetch failed', { cause: new Error('redirect count exceeded') });
    const next = new URL(location, url);
    if (!next.hash) next.hash = url.hash;
    if ((answer.status === 303 && method !== 'GET' && method !== 'HEAD') || ((answer.status === 301 || answer.status === 302) && method === 'POST')) {
      method = 'GET';
      bytes = null;
      for (const name of ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']) headers.delete(name);
    }
    if (next.origin !== url.origin) for (const name of ['authorization', 'proxy-authorization', 'cookie', 'host']) headers.delete(name);
    url = next;
  }
}

function respond({ id, status, headers }, url, method, redirected, signal) {
  const isEmpty = method === 'HEAD' || NULL_BODY.includes(status);
  const response = new Response(null, { status: Math.max(200, status), statusText: REASON_PHRASES[status] ?? '', headers });
  if (isEmpty) system.drop(id);
  else response.setBody({ stream: bodyStream(id, url, method, signal) });
  const shown = new URL(url.href);
  shown.hash = '';
  return Object.assign(response, { url: shown.href, redirected, type: 'basic', status });
}

