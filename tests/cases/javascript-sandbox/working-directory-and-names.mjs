// Where a script finds itself, and what it is told about its machine.
import os from 'node:os';
console.log(process.cwd(), process.argv[1], import.meta.url, import.meta.filename, import.meta.dirname);
console.log(process.platform, os.platform(), os.EOL === '\n', process.pid, os.cpus().length, Object.keys(process.env).length);
console.log(typeof require, typeof module, typeof __filename, this, process.version.startsWith('v'), navigator.userAgent);
