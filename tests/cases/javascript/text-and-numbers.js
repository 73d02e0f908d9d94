// Strings, numbers, arrays and collections as scripts use them to make reports.
const rows = [{ name: 'web', ms: 1234.5678, ok: true }, { name: 'database', ms: 9.1, ok: false }];
for (const { name, ms, ok } of rows) console.log(`${name.padEnd(10)}|${ms.toFixed(2).padStart(9)}|${ok ? 'ok' : 'FAILED'}`);
console.log((1234567.891).toFixed(1), (255).toString(16), parseInt('ff', 16), Number('0b101'), (0.1 + 0.2).toPrecision(3), Number.MAX_SAFE_INTEGER, 2 ** 53 + 1, 1e21, 123456789012345680000);
console.log([3, 1, 10].sort(), [3, 1, 10].toSorted((a, b) => a - b), ['b', 'a', 'C'].sort(), ['ä', 'a', 'z'].sort(), [1, [2, [3, [4]]]].flat(Infinity), [5, 1, 4].at(-1), [1, 2, 3, 4].findLast((n) => n % 2));
console.log(Object.entries({ b: 1, a: 2, 1: 'x' }), Object.fromEntries(new Map([['k', 'v']])), structuredClone({ d: new Date(0), m: new Map([[1, [2]]]), s: new Set([1]) }));
console.log('ß'.toUpperCase(), 'İ'.toLowerCase().length, 'é'.normalize('NFD').length, [...'👨‍👩‍👧'].length, 'abc'.at(-1), 'a-b-c'.replaceAll('-', '+'), '  x '.trim() + '|', 'x'.repeat(3), 'abc'.localeCompare('abd'), '%E4'.length, encodeURIComponent('a b&ü/'), escape('ü'));
console.log(10n ** 20n, BigInt.asUintN(8, 257n), 7n / 2n, -7 % 3, 5 / 0, 0.1 * 3, [..."ab"].map((c) => c.codePointAt(0)), Math.hypot(3, 4), Math.trunc(-4.7), Math.sign(-3), Math.clz32(1));
const grouped = rows.reduce((all, row) => ({ ...all, [row.ok]: [...(all[row.ok] ?? []), row.name] }), {});
console.log(grouped, new Intl_less().label, typeof Symbol.asyncIterator, label`a${1}b`);
function Intl_less() { this.label = 'plain'; }
function label(strings, ...values) { return strings.raw.join('_') + values; }
console.table(rows);
console.table([['a', 1], ['b', 2]]);
console.group('Group'); console.log('inside\ntwo lines'); console.group(); console.info({ a: 1 }); console.groupEnd(); console.groupEnd(); console.log('outside'); console.count(); console.count('x'); console.count(); console.assert(true, 'no'); console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 });
