// Files by descriptor: positions, partial reads, truncation, append.
const fs = require('fs');
const fd = fs.openSync('data.bin', 'w+');
console.log(fs.writeSync(fd, 'hello '), fs.writeSync(fd, Buffer.from('world')));
const buffer = Buffer.alloc(5);
console.log(fs.readSync(fd, buffer, 0, 5, 0), buffer.toString(), fs.fstatSync(fd).size);
console.log(fs.readSync(fd, buffer, 0, 5, 6), buffer.toString());
fs.closeSync(fd);
fs.truncateSync('data.bin', 4);
fs.appendFileSync('data.bin', Buffer.from([0x21]));
console.log(fs.readFileSync('data.bin'), fs.readFileSync('data.bin', 'latin1'), fs.readFileSync('data.bin', { encoding: 'hex' }));
try { fs.readSync(fd, buffer); } catch (error) { console.log(error.code, error.message); }
const log = fs.openSync('log', 'a');
fs.writeSync(log, 'a\n');
fs.writeSync(log, 'b\n');
fs.closeSync(log);
fs.utimesSync('log', 1, 1000000000);
console.log(fs.readFileSync('log', 'utf8'), fs.statSync('log').mtime.toISOString());
