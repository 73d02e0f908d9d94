// ES modules from files: default, named, namespace, re-exports, live bindings, JSON through createRequire, dynamic import.
import greet, { count, increment as more } from './lib/greet.mjs';
import * as all from './lib/all.mjs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import legacy, { named } from './lib/legacy.cjs';
console.log(greet('world'), count); more(); console.log(count);
console.log(Object.keys(all), all.default, all);
const require = createRequire(import.meta.url);
console.log(require('./lib/data.json'), basename(import.meta.url), typeof import.meta.dirname === 'string' || true);
console.log(legacy, named);
const { late } = await import('./lib/late.mjs'); console.log(late, (await import('./lib/late.mjs')).late === late);
const name = 'greet'; const dynamic = await import(`./lib/${name}.mjs`); console.log(typeof dynamic.default, dynamic.count);
try { await import('./lib/broken.mjs'); } catch (error) { console.log(error.message); }
try { await import('./lib/syntax.mjs'); } catch (error) { console.log(error.name); }
console.log(typeof this, (() => { try { undeclared = 1; } catch (error) { return error.name; } })());
