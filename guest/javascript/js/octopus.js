// The deployment helpers: variables, output variables, artifacts, progress, levels and failing, as Octopus scripts have
// them in other languages, under those names and in camel case.
//
// They speak service messages. These go to a file of their own, so that text a script prints can't forge one; where the
// file is missing they go to standard output, as they always did.

import { system } from './system.js';
import { resolvePath } from './node/fs-paths.js';
import { exit } from './process.js';

const MESSAGES = '/seawall/out/messages';
const VARIABLES = '/seawall/variables.json';

let descriptor = null;
let position = 0;
let values = null;

export function encode(value) {
  return system.toBase64(String(value), false);
}

export function decode(value) {
  return system.text(system.fromBase64(String(value)), false);
}

function openMessages() {
  try {
    descriptor = system.open(MESSAGES, 'w');
  } catch {
    descriptor = -1;
  }
}

function message(name, attributes = {}) {
  let line = `##octopus[${name}`;
  for (const [key, value] of Object.entries(attributes)) line += ` ${key}="${encode(value)}"`;
  const bytes = system.utf8(`${line}]\n`);
  if (descriptor === null) openMessages();
  if (descriptor < 0) {
    system.write(1, bytes);
    return;
  }
  system.writeAt(descriptor, bytes, position);
  position += bytes.length;
}

function load() {
  if (values) return values;
  values = Object.create(null);
  try {
    const file = system.open(VARIABLES, 'r');
    const text = system.text(system.readAt(file, -1, 0), false);
    system.close(file);
    Object.assign(values, JSON.parse(text));
  } catch {
    // No file: no variable was granted.
  }
  return values;
}

// Names are looked up as written first, then without regard to case, as Octopus does.
function find(name) {
  const all = load();
  if (name in all) return name;
  const lower = name.toLowerCase();
  return Object.keys(all).find((key) => key.toLowerCase() === lower);
}

function read(name) {
  message('seawall-variable-read', { name });
  const key = find(name);
  return key === undefined ? undefined : load()[key];
}

export function getOctopusVariable(name) {
  return read(String(name)) ?? '';
}

export const octopusVariables = new Proxy(Object.create(null), {
  get: (_, name) => (typeof name === 'string' ? read(name) : undefined),
  has: (_, name) => typeof name === 'string' && find(name) !== undefined,
  ownKeys: () => Object.keys(load()),
  getOwnPropertyDescriptor: (_, name) =>
    find(name) === undefined ? undefined : { value: read(name), enumerable: true, configurable: true, writable: false },
  set: () => false,
  deleteProperty: () => false,
});

export function setOctopusVariable(name, value, options = false) {
  const isSensitive = typeof options === 'object' && options !== null ? Boolean(options.sensitive) : Boolean(options);
  const attributes = { name, value: value ?? '' };
  if (isSensitive) attributes.sensitive = 'True';
  message('setVariable', attributes);
}

export function createArtifact(path, name = null) {
  path = String(path);
  const full = resolvePath(path);
  const attributes = { path: full, name: name ?? full.slice(full.lastIndexOf('/') + 1) };
  try {
    attributes.length = system.stat(full, true)[1];
  } catch {
    attributes.length = 0;
  }
  system.write(1, `Collecting ${path} as an artifact...\n`);
  message('createArtifact', attributes);
}

export function updateProgress(percentage, text = '') {
  message('progress', { percentage, message: text });
}

export function failStep(text = '') {
  if (text !== '') message('resultMessage', { message: text });
  exit(1);
}

function printer(level) {
  return (text) => {
    message(`stdout-${level}`);
    system.write(1, `${text}\n`);
    message('stdout-default');
  };
}

export const printVerbose = printer('verbose');
export const printHighlight = printer('highlight');
export const printWait = printer('wait');
export const printWarning = printer('warning');

export const helpers = {
  getOctopusVariable, setOctopusVariable, octopusVariables, createArtifact, updateProgress, failStep,
  printVerbose, printHighlight, printWait, printWarning, encode, decode,
  get_octopusvariable: getOctopusVariable,
  set_octopusvariable: setOctopusVariable,
  octopusvariables: octopusVariables,
  createartifact: createArtifact,
  updateprogress: updateProgress,
  failstep: failStep,
  printverbose: printVerbose,
  printhighlight: printHighlight,
  printwait: printWait,
  printwarning: printWarning,
};
