// Streams of files, lines of a file, pipeline and transform.
import fs from 'node:fs';
import readline from 'node:readline';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
fs.writeFileSync('in.txt', 'first line\nsecond line\r\nthird without end');
for await (const line of readline.createInterface({ input: fs.createReadStream('in.txt'), crlfDelay: Infinity })) console.log('line:', line);
const upper = new Transform({ transform(chunk, encoding, callback) { callback(null, chunk.toString().toUpperCase()); } });
await pipeline(fs.createReadStream('in.txt'), upper, fs.createWriteStream('out.txt'));
console.log(fs.readFileSync('out.txt', 'utf8'));
let text = ''; for await (const chunk of Readable.from(['a', 'b', 'c'])) text += chunk;
console.log(text);
const stream = fs.createReadStream('in.txt', { encoding: 'utf8', start: 6, end: 9 });
stream.on('data', (chunk) => console.log('data', chunk)).on('end', () => console.log('end'));
fs.createReadStream('missing').on('error', (error) => console.log(error.code));
