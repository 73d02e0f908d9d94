// What an uncaught error prints goes to standard error; here the script looks at it itself.
const { inspect } = require('util');
class StepFailed extends Error { constructor(message) { super(message); this.step = 'deploy'; } }
function inner() { throw new StepFailed('boom'); }
try { inner(); } catch (error) { console.log(inspect(error)); }
try { null.x; } catch (error) { console.log(error.stack.split('\n').slice(1).join('\n')); }
try { require('vm').runInThisContext('let = = 1', 'other.js'); } catch (error) { console.log(error.name, error.stack.includes('other.js:1')); }
