// CommonJS: cycles, caching, JSON, directories with index.js, packages with main and exports, require.resolve.
const path = require('path');
const one = require('./one'); const two = require('./two');
console.log(one, two, require('./one') === one);
console.log(require('./data'), require('./folder').name, require('pkg'), require('pkg/sub'));
console.log(path.basename(require.resolve('./one')), require.resolve('fs'), Object.keys(require.cache).map((name) => path.basename(name)));
console.log(typeof module.exports, module.id, module.loaded, require('node:fs') === require('fs'));
import('./esm.mjs').then((module) => console.log(module.default, module.named));
try { require('pkg/hidden'); } catch (error) { console.log(error.code); }
