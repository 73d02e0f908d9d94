// The order of ticks, microtasks, timers and immediates.
console.log('start');
setTimeout(() => { console.log('timeout 0'); Promise.resolve().then(() => console.log('micro in timeout')); process.nextTick(() => console.log('tick in timeout')); }, 0);
setTimeout((a, b) => console.log('timeout 20', a, b), 20, 'x', 'y');
setTimeout(() => console.log('timeout 10'), 10);
const interval = setInterval(() => { console.log('interval', ++n); if (n === 3) clearInterval(interval); }, 30);
let n = 0;
const cancelled = setTimeout(() => console.log('never'), 5);
clearTimeout(cancelled);
Promise.resolve().then(() => { console.log('micro 1'); process.nextTick(() => console.log('tick in micro')); }).then(() => console.log('micro 2'));
queueMicrotask(() => console.log('queued'));
process.nextTick((a) => console.log('tick', a), 1);
(async () => { console.log('async'); await null; console.log('after await'); })();
process.on('exit', (code) => console.log('exit', code));
process.on('beforeExit', () => console.log('before exit'));
console.log('end');
