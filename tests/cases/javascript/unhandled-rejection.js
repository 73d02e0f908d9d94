// A rejection that nobody handles ends the script with 1; one that is handled later in the same turn does not.
const late = Promise.reject(new Error('handled in time'));
late.catch((error) => console.log(error.message));
setTimeout(() => console.log('never'), 50);
process.on('exit', (code) => console.log('exit', code));
(async () => { await null; throw new Error('lost'); })();
