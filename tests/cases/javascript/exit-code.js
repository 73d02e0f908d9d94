// exitCode is what the process ends with, and exit handlers may still change it.
process.exitCode = 3;
process.on('exit', (code) => { console.log('leaving with', code); process.exitCode = 42; });
setTimeout(() => console.log('timer ran'), 1);
