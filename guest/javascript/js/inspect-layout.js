// How `util.inspect` lays entries out: on one line where they fit, in columns for long arrays, else one below the other.
// The rules and their constants are node's, so that the output can be compared line by line.

function fits(context, output, start, base) {
  let length = output.length + start;
  if (length + output.length > context.breakLength) return false;
  for (const entry of output) {
    length += entry.length;
    if (length > context.breakLength) return false;
  }
  return base === '' || !base.includes('\n');
}

export function joinEntries(context, output, { base, braces }, depth, isUngrouped) {
  const head = base ? `${base} ` : '';
  if (context.compact === true) {
    const [open, close] = braces;
    if (fits(context, output, 0, base)) return `${open}${head ? ` ${base}` : ''} ${output.join(', ')} ${close}`;
    return `${head}${open} ${output.join(`,\n${' '.repeat(context.indentation + 2)}`)} ${close}`;
  }
  // At most `compact` levels of nesting share a line.
  if (context.compact >= 1 && context.currentDepth - depth < context.compact && isUngrouped) {
    const start = output.length + context.indentation + braces[0].length + base.length + 10;
    if (fits(context, output, start, base)) {
      const joined = output.join(', ');
      if (!joined.includes('\n')) return `${head}${braces[0]} ${joined} ${braces[1]}`;
    }
  }
  const indentation = `\n${' '.repeat(context.indentation)}`;
  return `${head}${braces[0]}${indentation}  ${output.join(`,${indentation}  `)}${indentation}${braces[1]}`;
}

const SEPARATOR_WIDTH = 2;
const CHARACTER_HEIGHT = 2.5;

// Puts more than six short elements into columns, as near to a square as the width allows.
export function formatArray(context, output, value) {
  const hasMore = value.length > context.maxArrayLength && output.length > context.maxArrayLength;
  const n = hasMore ? output.length - 1 : output.length;
  const widths = output.slice(0, n).map((entry) => entry.length + SEPARATOR_WIDTH);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const widest = Math.max(...widths);
  if (widest * 3 + context.indentation >= context.breakLength) return output;
  if (!(total / widest > 5 || widest <= 8)) return output;

  const bias = Math.sqrt(widest - total / output.length);
  const biased = Math.max(widest - 3 - bias, 1);
  const columns = Math.min(
    Math.round(Math.sqrt(CHARACTER_HEIGHT * biased * n) / biased),
    Math.floor((context.breakLength - context.indentation) / widest),
    context.compact * 4,
    15,
  );
  if (columns <= 1) return output;

  const columnWidths = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let i = column; i < n; i += columns) width = Math.max(width, widths[i]);
    columnWidths.push(width);
  }
  const isNumeric = value !== undefined && Array.prototype.every.call(value, (item) => typeof item === 'number' || typeof item === 'bigint');
  const rows = [];
  for (let i = 0; i < n; i += columns) {
    const end = Math.min(i + columns, n);
    let row = '';
    for (let j = i; j < end - 1; j++) {
      const cell = `${output[j]}, `;
      row += isNumeric ? cell.padStart(columnWidths[j - i]) : cell.padEnd(columnWidths[j - i]);
    }
    row += isNumeric ? output[end - 1].padStart(columnWidths[end - 1 - i] - SEPARATOR_WIDTH) : output[end - 1];
    rows.push(row);
  }
  if (hasMore) rows.push(output[n]);
  return rows;
}
