// `console`: log, info, debug and the like to standard output; warn, error and trace to standard error.

import { system } from './system.js';
import { format } from './format.js';
import { inspect } from './inspect.js';
import { table } from './table.js';

export function makeConsole(write) {
  const counts = new Map();
  const started = new Map();
  let indentation = '';

  function print(descriptor, text) {
    if (indentation) text = indentation + text.replaceAll('\n', `\n${indentation}`);
    write(descriptor, `${text}\n`);
  }
  function duration(label, rest, isEnd) {
    if (!started.has(label)) return;
    const ms = system.monotonic() - started.get(label);
    if (isEnd) started.delete(label);
    const text = ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${Number(ms.toFixed(3))}ms`;
    print(1, format(`${label}: ${text}`, ...rest));
  }

  const console = {
    log(...args) { print(1, format(...args)); },
    warn(...args) { print(2, format(...args)); },
    error(...args) { print(2, format(...args)); },
    dir(value, options) { print(1, inspect(value, { customInspect: false, ...options })); },
    time(label = 'default') { started.set(label, system.monotonic()); },
    timeEnd(label = 'default') { duration(label, [], true); },
    timeLog(label = 'default', ...rest) { duration(label, rest, false); },
    trace(...args) {
      const stack = new Error().stack.split('\n').slice(2).join('\n');
      print(2, `Trace${args.length ? `: ${format(...args)}` : ''}\n${stack}`);
    },
    assert(condition, ...args) {
      if (condition) return;
      if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
      else args.unshift('Assertion failed');
      print(2, format(...args));
    },
    clear() {},
    count(label = 'default') {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      print(1, `${label}: ${counts.get(label)}`);
    },
    countReset(label = 'default') { counts.delete(label); },
    group(...args) {
      if (args.length) print(1, format(...args));
      indentation += '  ';
    },
    groupEnd() { indentation = indentation.slice(2); },
    table(data, columns) { print(1, table(data, columns) ?? format(data)); },
  };
  console.info = (...args) => print(1, format(...args));
  console.debug = (...args) => print(1, format(...args));
  console.dirxml = console.log;
  console.groupCollapsed = console.group;
  return console;
}

export const console = makeConsole((descriptor, text) => system.write(descriptor, text));
