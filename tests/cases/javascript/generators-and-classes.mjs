// Modern syntax: private fields, static blocks, generators, destructuring, labels, optional chaining, iterators.
class Counter {
  #n = 0; static #made = 0; static { Counter.label = 'counter'; }
  constructor() { Counter.#made++; }
  get n() { return this.#n; } set n(value) { this.#n = value; }
  static get made() { return Counter.#made; }
  increment = () => ++this.#n;
  has(other) { return #n in other; }
  *[Symbol.iterator]() { for (let i = 0; i < this.#n; i++) yield i; }
  async *later() { yield* this; }
}
const counter = new Counter();
const { increment } = counter; increment(); increment(); counter.n += 1;
console.log(counter.n, [...counter], Counter.made, Counter.label, counter.has({}), counter);
for await (const n of counter.later()) console.log(n);
const { a = 1, b: { c = 2, ...rest } = {}, ...others } = { b: { d: 4 }, e: 5 };
console.log(a, c, rest, others, null?.x, undefined ?? 'default', (() => { let x = null; x ??= 7; x ||= 8; x &&= 9; return x; })());
outer: for (const i of [1, 2, 3]) for (const j of [1, 2, 3]) { if (j === 2) continue outer; if (i === 3) break outer; console.log(i, j); }
function* fibonacci() { let [x, y] = [0, 1]; for (;;) { yield x; [x, y] = [y, x + y]; } }
const taken = []; for (const n of fibonacci()) { if (n > 50) break; taken.push(n); }
console.log(taken, Symbol.for('x') === Symbol.for('x'), typeof globalThis, 1_000_000, 0o17, `${[1, 2]}`);
const handler = { get: (target, name) => (name in target ? target[name] : `no ${String(name)}`) };
const proxy = new Proxy({ x: 1 }, handler); console.log(proxy.x, proxy.y, Reflect.ownKeys({ z: 1, [Symbol('q')]: 2 }));
const weak = new WeakRef(counter); console.log(weak.deref() === counter, Object.groupBy ? 'grouped' : 'grouped');
label: { console.log('in block'); break label; }
export const unused = 1;
