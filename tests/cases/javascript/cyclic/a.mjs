import { b, fromB } from './b.mjs';
console.log('a evaluates, b is', b);
export const a = 'A';
export function fromA() { return `a sees ${b}`; }
export function readB() { return fromB(); }
