// The promise form of fs, and what an async function's error looks like when caught.
import { mkdir, readFile, writeFile, readdir, stat, rm, open, access } from 'node:fs/promises';
import fs from 'node:fs';
await mkdir('out/logs', { recursive: true });
await Promise.all(['a', 'b', 'c'].map((name, i) => writeFile(`out/logs/${name}.log`, `${name}\n`.repeat(i + 1))));
console.log((await readdir('out/logs')).sort());
for (const name of (await readdir('out/logs')).sort()) console.log(name, (await stat(`out/logs/${name}`)).size);
try { await readFile('out/none'); } catch (error) { console.log(error.code, error.message); }
console.log(await access('out').then(() => 'yes', () => 'no'), await access('nope').then(() => 'yes', () => 'no'));
const file = await open('out/handle.txt', 'w+');
await file.write('one\ntwo\n');
await file.close();
const handle = await open('out/handle.txt');
for await (const line of handle.readLines()) console.log('line', line);
await rm('out', { recursive: true });
console.log(fs.existsSync('out'));
fs.promises.readFile('x').catch((error) => console.log('rejected', error.code));
fs.readFile('y', 'utf8', (error, text) => console.log('callback', error.code, text));
