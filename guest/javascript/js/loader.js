// Modules: which file an import or `require` means, what is in it, and how the script itself is started.
//
// A file is an ES module when it is called so (`.mjs`, `.mts`, or a `package.json` beside it says so) or when it can't be
// anything else; otherwise it is CommonJS. The engine links and evaluates ES modules itself; see `engine/src/modules.rs`.

import { system } from './system.js';
import { builtin, builtinNames } from './builtins.js';
import { coded, wrapped } from './errors.js';
import { directoryOf, isDirectory, isFile, readText, toPath, toUrl } from './loader-files.js';
import { process } from './process.js';

const PARAMETERS = '(function (exports, require, module, __filename, __dirname) {';
const MODULE_SYNTAX = /^[ \t]*(?:import\b\s*[\w$*{'"]|export\b\s*(?:[{*]|(?:default|const|let|var|function|class|async|enum|interface|type|declare|abstract|namespace)\b))|\bimport\.meta\b/m;
const EXTENSIONS = ['.js', '.json', '.cjs', '.mjs', '.ts'];

export const cache = Object.create(null);

let stripTypes;
export function installStripTypes(given) {
  stripTypes = given;
}

export function notFound(request, from, isImport) {
  const message = isImport
    ? `Cannot find ${/^[./]/.test(request) ? 'module' : 'package'} '${request}' imported from ${from}`
    : `Cannot find module '${request}'\nRequire stack:\n- ${from}`;
  const error = coded(new Error(message), isImport ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND');
  if (!isImport) error.requireStack = [from];
  return error;
}

function asFile(path) {
  if (isFile(path)) return path;
  for (const extension of EXTENSIONS) if (isFile(path + extension)) return path + extension;
  // TypeScript's own habit: `./lib.js` is written for `./lib.ts`.
  if (path.endsWith('.js') && isFile(`${path.slice(0, -3)}.ts`)) return `${path.slice(0, -3)}.ts`;
  return null;
}

function packageJson(directory) {
  try {
    return JSON.parse(readText(`${directory}/package.json`));
  } catch {
    return null;
  }
}

function asDirectory(path) {
  if (!isDirectory(path)) return null;
  const main = packageJson(path)?.main;
  return (main && (asFile(toPath(main, path)) ?? asFile(`${toPath(main, path)}/index`))) ?? asFile(`${path}/index`);
}

function target(exports, conditions) {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map((entry) => target(entry, conditions)).find(Boolean);
  if (exports && typeof exports === 'object') {
    for (const key of Object.keys(exports)) {
      if (key === 'default' || conditions.includes(key)) {
        const found = target(exports[key], conditions);
        if (found) return found;
      }
    }
  }
  return null;
}

function inPackage(directory, rest, conditions) {
  const description = packageJson(directory);
  if (description?.exports !== undefined) {
    const { exports } = description;
    const isMap = typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'));
    const key = rest ? `./${rest}` : '.';
    const found = target(isMap ? exports[key] : rest ? null : exports, conditions);
    const file = found && asFile(toPath(found, directory));
    if (file) return file;
    throw coded(new Error(`Package subpath '${key}' is not defined by "exports" in ${directory}/package.json`), 'ERR_PACKAGE_PATH_NOT_EXPORTED');
  }
  if (rest) return asFile(`${directory}/${rest}`) ?? asDirectory(`${directory}/${rest}`);
  return asDirectory(directory);
}

function find(request, from, conditions) {
  if (request.startsWith('file:')) request = new URL(request).pathname;
  if (/^(\.{0,2}\/|\.{1,2}$)/.test(request)) {
    const path = toPath(request, directoryOf(from));
    return asFile(path) ?? asDirectory(path);
  }
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)\/?(.*)$/.exec(request) ?? [];
  for (let directory = directoryOf(from); name; directory = directoryOf(directory)) {
    const found = isDirectory(`${directory}/node_modules/${name}`)
      && inPackage(`${directory}/node_modules/${name}`, rest, conditions);
    if (found) return found;
    if (directory === '' || directory === '/') break;
  }
  return null;
}

function builtinName(request) {
  const name = request.startsWith('node:') ? request.slice(5) : request;
  return builtinNames.includes(name) ? `node:${name}` : null;
}

function unknownBuiltin(request) {
  return coded(new Error(`No such built-in module: ${request}`), 'ERR_UNKNOWN_BUILTIN_MODULE');
}

// The engine's question: which module does `request`, written in `from`, mean?
export function resolve(from, request) {
  const name = builtinName(request);
  if (name) return name;
  if (request.startsWith('node:')) throw unknownBuiltin(request);
  const path = find(request, from, ['node', 'import']);
  if (!path) throw notFound(/^\.{1,2}\//.test(request) ? toPath(request, directoryOf(from)) : request, from, true);
  return path;
}

// A module that hands out the properties of an object that is already there.
function facade(object) {
  let source = 'const o = import.meta.o;\nexport default o;\n';
  const isObject = object !== null && (typeof object === 'object' || typeof object === 'function');
  const names = isObject ? Object.keys(object).filter((name) => name !== 'default' && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) : [];
  names.forEach((name, i) => { source += `const o${i} = o.${name};\nexport { o${i} as ${name} };\n`; });
  return { source, meta: { o: object } };
}

// The engine's question: what is in that module?
export function load(name) {
  if (name.startsWith('node:')) return facade(builtin(name.slice(5)));
  if (name.endsWith('.json')) return facade(parseJson(name));
  const source = sourceOf(name);
  if (isCommonJs(name, source)) return facade(requireFile(name));
  return { source, meta: metaOf(name) };
}

function metaOf(path) {
  return {
    url: toUrl(path), filename: path, dirname: directoryOf(path) || '/',
    resolve: (request) => { const found = resolve(path, request); return found.startsWith('node:') ? found : toUrl(found); },
  };
}

function parseJson(path) {
  try {
    return JSON.parse(readText(path).replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) error.message = `${path}: ${error.message}`;
    throw error;
  }
}

function sourceOf(path) {
  let source = readText(path);
  if (source.startsWith('\ufeff')) source = source.slice(1);
  if (source.startsWith('#!')) source = `//${source}`;
  return /\.[mc]?ts$/.test(path) ? stripTypes(source, path) : source;
}

function nearestType(path) {
  for (let directory = directoryOf(path); directory !== ''; directory = directoryOf(directory)) {
    if (isFile(`${directory}/package.json`)) return packageJson(directory)?.type;
    if (directory.endsWith('/node_modules')) break;
  }
  return undefined;
}

// `false` for an ES module. Only a file that is imported asks its `package.json`: starting a script touches no other file.
function isCommonJs(path, source) {
  if (/\.m[jt]s$/.test(path)) return false;
  if (/\.c[jt]s$/.test(path)) return true;
  if (MODULE_SYNTAX.test(source)) return false;
  return /\b(?:module\.exports|exports\.|exports\[|require\()/.test(source) || nearestType(path) !== 'module';
}

export class Module {
  constructor(id, parent) {
    this.id = id;
    this.filename = id;
    this.path = directoryOf(id) || '/';
    this.exports = {};
    this.loaded = false;
    this.children = [];
    this.paths = [];
    if (parent) parent.children.push(this);
  }
}

function run(module, source) {
  wrapped.set(module.filename, PARAMETERS.length);
  const compiled = system.compile(`${PARAMETERS}${source}\n})`, module.filename);
  compiled.call(module.exports, module.exports, requireFrom(module), module, module.filename, module.path);
  module.loaded = true;
}

function requireFile(path, parent) {
  const cached = cache[path];
  if (cached) return cached.exports;
  const module = new Module(path, parent);
  cache[path] = module;
  try {
    if (path.endsWith('.json')) module.exports = parseJson(path);
    else {
      const source = sourceOf(path);
      if (/\.m[jt]s$/.test(path) || (!/\.c[jt]s$/.test(path) && MODULE_SYNTAX.test(source))) {
        throw coded(new Error(`require() of ES Module ${path} not supported. Use import() instead.`), 'ERR_REQUIRE_ESM');
      }
      run(module, source);
    }
    module.loaded = true;
  } catch (error) {
    delete cache[path];
    throw error;
  }
  return module.exports;
}

export function requireFrom(module) {
  const resolveRequest = (request) => {
    if (typeof request !== 'string' || request === '') throw coded(new TypeError(`The argument 'id' must be a non-empty string. Received ${JSON.stringify(request)}`), 'ERR_INVALID_ARG_VALUE');
    const name = builtinName(request);
    if (name) return name;
    if (request.startsWith('node:')) throw unknownBuiltin(request);
    const path = find(request, module.filename, ['node', 'require']);
    if (!path) throw notFound(request, module.filename, false);
    return path;
  };
  const require = (request) => {
    const name = resolveRequest(request);
    return name.startsWith('node:') ? builtin(name.slice(5)) : requireFile(name, module);
  };
  require.resolve = (request) => { const name = resolveRequest(request); return name.startsWith('node:') ? request : name; };
  require.cache = cache;
  require.main = mainModule;
  require.extensions = Object.create(null);
  return require;
}

let mainModule;

// Starts the script: at once when it is CommonJS, else a promise for the end of its evaluation.
export function startMain(path) {
  const source = sourceOf(path);
  const isModule = /\.m[jt]s$/.test(path) || (!/\.c[jt]s$/.test(path) && MODULE_SYNTAX.test(source));
  if (!isModule) {
    mainModule = new Module(path, null);
    mainModule.id = '.';
    process.mainModule = mainModule;
    try {
      cache[path] = mainModule;
      run(mainModule, source);
      return undefined;
    } catch (error) {
      // `await` outside a function is the one thing that only shows when compiling.
      if (!(error instanceof SyntaxError) || mainModule.started || !/\bawait\b/.test(source) || /\.c[jt]s$/.test(path)) throw error;
      delete cache[path];
    }
  }
  if (!/\.m[jt]s$/.test(path)) globalThis.require = requireFrom(new Module(path, null));
  mainSource = { path, source };
  return system.import(path);
}

let mainSource = null;

// `load`, without reading and deciding about the script a second time.
export function loadOnce(name) {
  if (mainSource?.path !== name) return load(name);
  const { source } = mainSource;
  mainSource = null;
  return { source, meta: metaOf(name) };
}
