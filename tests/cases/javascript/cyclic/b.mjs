import { a, fromA } from './a.mjs';
console.log('b evaluates, fromA is a', typeof fromA);
try { console.log(a); } catch (error) { console.log(error.name); }
export const b = 'B';
export function fromB() { return `b sees ${a}`; }
