// What JSON keeps and drops.
console.log(JSON.stringify({ a: undefined, f() {}, d: new Date(0), n: NaN, i: Infinity, s: Symbol('x'), z: -0 }));
console.log(JSON.stringify([undefined, () => 1, null]), JSON.stringify('\u2028"\\\n\ud800'));
console.log(JSON.stringify({ b: 1, a: [1, { c: 2 }] }, null, '--'));
console.log(JSON.stringify({ keep: 1, drop: 2, nested: { keep: 3, other: 4 } }, ['keep', 'nested']));
console.log(JSON.parse('{"a":[1,2,{"b":"x"}]}', (key, value) => (typeof value === 'number' ? value * 10 : value)));
console.log(JSON.stringify({ toJSON() { return { as: 'json' }; } }));
try { JSON.parse('{bad'); } catch (error) { console.log(error instanceof SyntaxError, error.name); }
try { const o = {}; o.o = o; JSON.stringify(o); } catch (error) { console.log(error.name); }
