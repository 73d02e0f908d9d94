// Paths for the file system: what a script passes (text, bytes, a `file:` address), as an absolute, normalised path.

import { process } from '../process.js';
import { coded, invalidArgument } from '../errors.js';

export function asText(path, name = 'path') {
  if (typeof path === 'string') {
    if (path.includes('\0')) {
      throw coded(new TypeError(`The argument '${name}' must be a string, Uint8Array, or URL without null bytes. Received ${JSON.stringify(path)}`), 'ERR_INVALID_ARG_VALUE');
    }
    return path;
  }
  if (path instanceof Uint8Array) return new TextDecoder().decode(path);
  if (path && typeof path === 'object' && typeof path.href === 'string') {
    if (path.protocol !== 'file:') throw coded(new TypeError('The URL must be of scheme file'), 'ERR_INVALID_URL_SCHEME');
    return decodeURIComponent(path.pathname);
  }
  throw invalidArgument(name, 'of type string or an instance of Buffer or URL', path);
}

// `..` is taken away by the text alone: a link's parent is the parent of its name.
export function resolvePath(path, name) {
  const text = asText(path, name);
  const parts = [];
  for (const part of (text.startsWith('/') ? text : `${process.cwd()}/${text}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
