// console.log of nested, long, circular and odd values.
console.log({ a: 1, 'b-c': 'two', 3: [], nested: { deep: { deeper: { deepest: 1 } } } });
console.log([1, 'a', null, undefined, true, 5n, Symbol('s'), [], {}, [[[[1]]]], -0, NaN]);
console.log([undefined, , 3, , ,], new Array(5), Object.assign([1, 2], { extra: 'x' }));
console.log(Array.from({ length: 120 }, (_, i) => i));
console.log(['apple', 'banana', 'cherry', 'dragonfruit', 'elderberry', 'fig', 'grape', 'honeydew', 'iceberg', 'jackfruit']);
console.log({ name: 'a long object', description: 'that does not fit into seventy-two characters', items: ['one', 'two', 'three'], flag: true });
const circular = { name: 'root', children: [] }; circular.self = circular; circular.children.push({ parent: circular });
console.log(circular);
console.log(new Map([['key', { v: 1 }], [{ k: 1 }, [1]]]), new Set(['a', { b: 1 }]), new WeakMap(), new Map(), new Set());
console.log(class Foo {}, class Bar extends Map {}, function named() {}, () => {}, async () => {}, function* gen() {}, Math.max, class {});
class Point { constructor() { this.x = 1; this.y = 2; } get sum() { return 3; } static s = 1; }
console.log(new Point(), Point, Object.create(null), Object.create({ inherited: 1 }), Object.create(Point.prototype), { get g() { return 1; }, set g(v) {}, get only() { return 1; }, set put(v) {} });
console.log(new Date(0), /re/g, new Error('msg').message, [new Date(1)], { d: new Date(2) }, Symbol.iterator, { [Symbol('k')]: 1 });
console.log('%s is %d years and %i, %f, %j %o %O %%', 'Bob', 42.5, 42.9, '1.5', { a: 1 }, [1], { b: { c: {} } }, 'extra', { x: 1 });
console.log('plain', 'strings', "it's", ["it's", 'say "hi"', `both ' and "`, 'line\nbreak\ttab', '\x00\x1b']);
console.log({ s: 'x'.repeat(120), multi: 'line one is here\nline two is here\n' });
console.log(new Number(1), new String('s'), new Boolean(false), Object(1n), [new String('abc')], [1.0, 2.5, 1e21, 1e-7]);
console.log(new Uint8Array([1, 2, 3]), new Float64Array(2), new ArrayBuffer(4), new DataView(new ArrayBuffer(2)), new Uint8Array(0));
console.log(process.argv.length > 1, [function () {}, class A {}], { f() {}, a: async () => {}, b: class B {} });
console.log([['a', 1], ['b', 2]], [{ a: 1, b: 2 }, { a: 3, b: 4 }], { a: [{ b: { c: [1] } }] }, [[]], [{}], { a: {} , b: [] });
console.log(null, undefined, true, 'x', 1, -0, [null], { u: undefined }, globalThis === global, [,'x'], (function () { return arguments; })(1, 2));
console.log([1.5, -2, 300, 4, 5, 6, 7, 8], [true, false, true, false, true, false, true], ['a', 'b', 'c', 'd', 'e', 'f', 'g'], [1, 'two', 3, 'four', 5, 'six', 7, 'eight']);
