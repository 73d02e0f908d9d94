// Promises as deployments use them: retry, limited concurrency, all kinds of waiting.
import { setTimeout as sleep } from 'node:timers/promises';
let attempts = 0;
async function flaky() { if (++attempts < 3) throw new Error(`attempt ${attempts} failed`); return 'done'; }
async function retry(call, n) {
  for (let i = 1; ; i++) {
    try { return await call(); } catch (error) { console.log(error.message); if (i >= n) throw error; await sleep(1); }
  }
}
console.log(await retry(flaky, 5));
const order = [];
async function worker(id, queue) { while (queue.length) { const job = queue.shift(); await sleep(job); order.push([id, job]); } }
const queue = [30, 10, 20];
await Promise.all([worker('a', queue), worker('b', queue)]);
console.log(order);
console.log(await Promise.allSettled([Promise.resolve(1), Promise.reject(new Error('no')), 3]).then((all) => all.map((one) => one.status)));
console.log(await Promise.race([sleep(30, 'slow'), sleep(1, 'fast')]), await Promise.any([Promise.reject(new Error()), sleep(1, 'any')]));
try { await Promise.any([Promise.reject(new Error('x'))]); } catch (error) { console.log(error.name, error.errors.length); }
async function* pages() { for (let i = 1; i <= 3; i++) { await sleep(1); yield i; } }
for await (const page of pages()) console.log('page', page);
const { promise, resolve } = Promise.withResolvers?.() ?? (() => { let resolve; const promise = new Promise((r) => { resolve = r; }); return { promise, resolve }; })();
setTimeout(resolve, 1, 'resolved');
console.log(await promise);
const controller = new AbortController();
setTimeout(() => controller.abort(), 2);
try { await sleep(1000, null, { signal: controller.signal }); } catch (error) { console.log(error.name, controller.signal.aborted); }
