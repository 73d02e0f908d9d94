// assert: what passes, what throws, and with which code.
const assert = require('assert');
const { strict } = assert;
const attempt = (call) => { try { call(); return 'passed'; } catch (error) { return `${error.name} ${error.code}`; } };
console.log(attempt(() => assert(true)), attempt(() => assert(0)), attempt(() => assert.equal(1, '1')), attempt(() => assert.strictEqual(1, '1')));
console.log(attempt(() => assert.deepEqual({ a: [1, { b: '2' }] }, { a: [1, { b: 2 }] })), attempt(() => assert.deepStrictEqual({ a: [1, { b: '2' }] }, { a: [1, { b: 2 }] })), attempt(() => strict.equal(1, 1)));
console.log(attempt(() => assert.throws(() => { throw new TypeError('bad input'); }, /bad/)), attempt(() => assert.throws(() => {})), attempt(() => assert.throws(() => { throw new TypeError('x'); }, TypeError)), attempt(() => assert.throws(() => { throw new TypeError('x'); }, { name: 'TypeError', message: 'x' })));
console.log(attempt(() => assert.match('abc', /b/)), attempt(() => assert.notEqual(1, 1)), attempt(() => assert.ok('', 'own message')), attempt(() => assert.fail('x')));
assert.rejects(Promise.reject(new Error('no')), /no/).then(() => console.log('rejects ok'));
assert.rejects(Promise.resolve(1)).catch((error) => console.log(error.code, error.message));
try { assert.ok(false, 'own message'); } catch (error) { console.log(error.message, error.actual, error.expected, error.generatedMessage); }
