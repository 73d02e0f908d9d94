// Modules that import each other: functions are hoisted, values are there once evaluated.
import { fromA, readB } from './a.mjs';
import { fromB } from './b.mjs';
console.log(fromA(), fromB(), readB());
