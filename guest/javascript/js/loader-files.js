// What the loader asks of files. No answer is kept: a script may write the module it imports next.

import { system } from './system.js';
import { uvException } from './node/fs-errors.js';

const REGULAR = 0o10;
const DIRECTORY = 0o04;

function kind(path) {
  try {
    return system.stat(path, true)[0];
  } catch {
    return 0;
  }
}

export const isFile = (path) => kind(path) === REGULAR;
export const isDirectory = (path) => kind(path) === DIRECTORY;

export function readText(path) {
  let descriptor;
  try {
    descriptor = system.open(path, 'r');
    return system.text(system.readAt(descriptor, -1, 0), false);
  } catch (name) {
    throw typeof name === 'string' ? uvException(name, 'open', path) : name;
  } finally {
    if (descriptor !== undefined) system.close(descriptor);
  }
}

export function directoryOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

// `request` as an absolute path without `.` and `..`, seen from `directory`.
export function toPath(request, directory) {
  const parts = [];
  for (const part of (request.startsWith('/') ? request : `${directory}/${request}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function toUrl(path) {
  return `file://${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`;
}
