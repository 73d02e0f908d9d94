// `console.table`: rows and columns in box-drawing characters, as node draws them.

import { inspect } from './inspect.js';

const cell = (value) => inspect(value, { depth: typeof value === 'object' && value !== null ? -1 : 0, maxArrayLength: 3, breakLength: Infinity });

const padded = (text, width) => ` ${text}`.padEnd(width);

function draw(header, rows) {
  const widths = header.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)) + 2);
  const line = (left, middle, right) => left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const text = (row) => `│${row.map((value, i) => padded(value, widths[i])).join('│')}│`;
  return [line('┌', '┬', '┐'), text(header), line('├', '┼', '┤'), ...rows.map(text), line('└', '┴', '┘')].join('\n');
}

// `null` when the data isn't a table.
export function table(data, columns) {
  if (data === null || typeof data !== 'object') return null;
  const isMap = data instanceof Map;
  const isSet = data instanceof Set;
  const entries = isMap ? [...data].map((entry, i) => [String(i), entry[1], entry[0]])
    : isSet ? [...data].map((value, i) => [String(i), value]) : Object.keys(data).map((key) => [key, data[key]]);
  const names = columns ? [...columns] : [];
  let hasValues = false;
  for (const [, row] of entries) {
    if (row !== null && typeof row === 'object') {
      if (!columns) for (const key of Object.keys(row)) if (!names.includes(key)) names.push(key);
    } else hasValues = true;
  }
  const header = [isMap || isSet ? '(iteration index)' : '(index)', ...(isMap ? ['Key'] : []), ...names, ...(hasValues ? ['Values'] : [])];
  const rows = entries.map(([index, row, key]) => {
    const isObject = row !== null && typeof row === 'object';
    const cells = names.map((name) => (isObject && Object.hasOwn(row, name) ? cell(row[name]) : ''));
    return [index, ...(isMap ? [cell(key)] : []), ...cells, ...(hasValues ? [isObject ? '' : cell(row)] : [])];
  });
  return draw(header, rows);
}
