// Too deep a recursion is a RangeError wherever it happens, never the end of the sandbox.
const attempt = (name, call) => { try { call(); console.log(name, 'passed'); } catch (error) { console.log(name, error.name); } };
attempt('calls', () => { function f(n) { return f(n + 1) + 1; } f(0); });
attempt('callbacks', () => { function f() { return [1].map(f); } f(); });
attempt('constructors', () => { class A { constructor() { new A(); } } new A(); });
attempt('getters', () => { const o = { get x() { return this.x; } }; o.x; });
attempt('conversions', () => { const o = { toString() { return '' + this; } }; String(o); });
attempt('replacing', () => { function f() { return 'a'.replace(/a/, f); } f(); });
attempt('proxies', () => { let p = {}; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); p.x; });
attempt('reading JSON', () => JSON.parse('['.repeat(100000)));
attempt('writing JSON', () => { let o = {}; for (let i = 0; i < 100000; i++) o = { o }; JSON.stringify(o); });
attempt('parentheses', () => new Function(`return ${'('.repeat(100000)}`));
attempt('arrays', () => new Function(`return ${'['.repeat(100000)}`));
attempt('blocks', () => new Function('{'.repeat(100000)));
attempt('operators', () => new Function(`return ${'!'.repeat(100000)}1`));
attempt('templates', () => new Function('`${'.repeat(100000)));
attempt('flattening', () => { let a = []; for (let i = 0; i < 100000; i++) a = [a]; a.flat(Infinity); });
attempt('copying', () => { let o = {}; for (let i = 0; i < 100000; i++) o = { o }; structuredClone(o); });
let depth = 0;
function down() { depth++; down(); }
try { down(); } catch { console.log('deep enough for real scripts:', depth > 1000); }
console.log('still running');
