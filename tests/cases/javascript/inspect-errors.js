// Errors inside of what is printed: only the parts that don't depend on where node keeps its files.
const util = require('util');
const short = (value, options) => util.inspect(value, options).split('\n').filter((line) => !/^\s+at /.test(line)).join('\n');
const error = new Error('failed');
error.stack = 'Error: failed\n    at somewhere (file.js:1:1)';
error.code = 'E_FAIL';
console.log(short(error), short({ error }), short([error]));
const bare = new RangeError('no stack'); bare.stack = undefined;
console.log(short(bare));
const cause = new Error('inner'); cause.stack = 'Error: inner\n    at inner (file.js:2:2)';
const outer = new Error('outer', { cause }); outer.stack = 'Error: outer\n    at outer (file.js:3:3)';
console.log(short(outer));
console.log(util.inspect({ a: { b: { c: { d: 1 } } } }, { depth: 0 }), util.inspect({ a: { b: { c: { d: 1 } } } }, { depth: null }), util.inspect('str'), util.inspect([1, [2, [3, [4, [5]]]]], false, null));
console.log(util.inspect({ a: 1, b: { c: 2 } }, { compact: false }), util.inspect(new Map([['a', [1, 2]]]), { compact: false }), util.inspect({ b: 1, a: 2 }, { sorted: true }), util.inspect(Array(200).fill(0), { maxArrayLength: 3 }), util.inspect('abcdef', { maxStringLength: 3 }), util.inspect({ a: 1, b: 'x' }, { breakLength: Infinity }));
class Money { constructor(n) { this.n = n; } [util.inspect.custom](depth, options, inspect) { return `Money<${inspect(this.n, options)}>`; } }
console.log(new Money(5), [new Money(6)], { m: new Money('x') }, util.format('%s', new Money(1)), `${util.inspect(new Money(2))}`);
console.log(util.format('%s %s', 'a'), util.format('a', 'b', { c: 1 }), util.format('%s', null, undefined, 5n, Symbol('x'), { a: { b: 1 } }, [1], () => 1), util.format('%d|%i|%f', '0x10', 3.9, 'x'), util.format(1, 2, '3'), util.format('100%', 1));
