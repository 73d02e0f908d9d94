// `node compile.mjs COMPILER.wasm SOURCE BYTECODE`: runs the compiler (../compiler) on one module.

import { readFile, writeFile } from 'node:fs/promises';

const [compiler, source, bytecode] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(compiler), {});
const { memory, allocate, compile } = instance.exports;
const text = await readFile(source);
const at = allocate(text.length);
new Uint8Array(memory.buffer, at, text.length).set(text);
const result = compile(at, text.length);
const [start, length] = new Uint32Array(memory.buffer, result, 2);
await writeFile(bytecode, new Uint8Array(memory.buffer, start, length));
