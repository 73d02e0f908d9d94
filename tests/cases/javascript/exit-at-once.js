// process.exit stops everything: no timer, no microtask, no line after it.
setTimeout(() => console.log('never'), 0);
Promise.resolve().then(() => console.log('never either'));
process.on('exit', (code) => console.log('exit handler', code));
console.log('before');
process.exit(130);
console.log('after');
