// util: promisify, parseArgs, types, deep equality, inherits.
const util = require('util');
const { EventEmitter } = require('events');
util.promisify((a, b, callback) => setTimeout(callback, 1, null, a + b))(2, 3).then((sum) => console.log('sum', sum));
util.promisify((callback) => callback(new Error('bad')))().catch((error) => console.log(error.message));
util.callbackify(async (x) => x * 2)(21, (error, value) => console.log('callbackified', error, value));
console.log(util.parseArgs({ args: ['-v', '--name=web', '--tag', 'a', '--tag', 'b', 'target', '-n5'], allowPositionals: true,
  options: { verbose: { type: 'boolean', short: 'v' }, name: { type: 'string' }, tag: { type: 'string', multiple: true }, number: { type: 'string', short: 'n' }, level: { type: 'string', default: 'info' } } }));
try { util.parseArgs({ args: ['--nope'], options: {} }); } catch (error) { console.log(error.code, error.message); }
try { util.parseArgs({ args: ['x'], options: {} }); } catch (error) { console.log(error.code); }
console.log(util.isDeepStrictEqual({ a: [1, new Map([[1, { b: 2 }]])] }, { a: [1, new Map([[1, { b: 2 }]])] }), util.isDeepStrictEqual([1], ['1']), util.types.isDate(new Date()), util.types.isPromise(Promise.resolve()));
function Old() { EventEmitter.call(this); }
util.inherits(Old, EventEmitter);
const old = new Old();
old.on('x', (...args) => console.log('x', args)).once('y', () => console.log('y'));
console.log(old.emit('x', 1, 2), old.emit('y'), old.emit('y'), old.listenerCount('x'), old instanceof EventEmitter);
try { old.emit('error', new Error('unhandled event')); } catch (error) { console.log(error.message); }
console.log(util.stripVTControlCharacters('\u001b[31mred\u001b[0m'), util.inspect.custom);
