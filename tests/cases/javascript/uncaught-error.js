// An uncaught error ends the script with 1; what was printed stays, what comes after doesn't run.
console.log('before');
process.on('exit', (code) => console.log('exit', code));
setTimeout(() => console.log('never'), 1);
function inner() { throw new TypeError('boom'); }
inner();
