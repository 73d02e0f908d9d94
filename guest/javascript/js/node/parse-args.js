// `util.parseArgs`: long and short options, `--no-`, values, positionals and the tokens between them.

import { coded } from '../errors.js';
import { process } from '../process.js';

function refuse(message, code) {
  return coded(new TypeError(message), code);
}

export function parseArgs(config = {}) {
  const options = config.options ?? {};
  const isStrict = config.strict ?? true;
  const allowPositionals = config.allowPositionals ?? !isStrict;
  const args = [...(config.args ?? process.argv.slice(2))];
  const values = Object.create(null);
  const positionals = [];

  const store = (name, value, shown) => {
    const option = options[name];
    if (isStrict && !option) {
      const hint = allowPositionals ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- "${shown}"` : '';
      throw refuse(`Unknown option '${shown}'${hint}`, 'ERR_PARSE_ARGS_UNKNOWN_OPTION');
    }
    const label = option?.short ? `-${option.short}, --${name}` : `--${name}`;
    if (isStrict && option.type === 'string' && typeof value !== 'string') {
      throw refuse(`Option '${label} <value>' argument missing`, 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE');
    }
    if (isStrict && option.type === 'boolean' && typeof value === 'string') {
      throw refuse(`Option '${label}' does not take an argument`, 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE');
    }
    const stored = value ?? true;
    if (option?.multiple) (values[name] ??= []).push(stored);
    else values[name] = stored;
  };
  const take = (name) => (options[name]?.type === 'string' && args.length && !(isStrict && args[0].startsWith('-') && args[0] !== '-')
    ? args.shift() : undefined);
  const byShort = (letter) => Object.keys(options).find((name) => options[name].short === letter) ?? letter;

  while (args.length) {
    const arg = args.shift();
    if (arg === '--') {
      positionals.push(...args.splice(0));
    } else if (arg.startsWith('--')) {
      const at = arg.indexOf('=', 3);
      const name = at < 0 ? arg.slice(2) : arg.slice(2, at);
      if (config.allowNegative && name.startsWith('no-') && options[name.slice(3)]?.type === 'boolean') values[name.slice(3)] = false;
      else store(name, at < 0 ? take(name) : arg.slice(at + 1), `--${name}`);
    } else if (arg.startsWith('-') && arg !== '-') {
      for (let i = 1; i < arg.length; i++) {
        const name = byShort(arg[i]);
        if (options[name]?.type === 'string' && i + 1 < arg.length) {
          store(name, arg.slice(i + 1), `-${arg[i]}`);
          break;
        }
        store(name, take(name), `-${arg[i]}`);
      }
    } else positionals.push(arg);
  }
  if (isStrict && !allowPositionals && positionals.length) {
    throw refuse(`Unexpected argument '${positionals[0]}'. This command does not take positional arguments`, 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL');
  }
  for (const [name, option] of Object.entries(options)) {
    if (option.default !== undefined && !(name in values)) values[name] = option.default;
  }
  return { values, positionals };
}
