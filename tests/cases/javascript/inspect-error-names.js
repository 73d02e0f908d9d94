// How an error is headed, by its class, its name and its message.
const { inspect } = require('util');
class StepFailed extends Error { constructor(message) { super(message); this.step = 'deploy'; } }
class MyError extends TypeError {}
class Named extends Error { constructor(m){super(m); this.name='Other'} }
function inner() { throw new StepFailed('boom'); }
try { inner(); } catch (error) { console.log(inspect(error).split('\n')[0]); }
const f = (e) => inspect(e).split('\n')[0];
console.log(f(new MyError('a')), f(new Named('b')), f(Object.assign(new Error('c'), {name:'Zed'})), f(new (class extends Error{})('d')));
const x = new Error('e'); x.name = 'Late'; console.log(f(x), Object.keys(x)); 
const y = new Error('e'); y.message = 'changed'; console.log(f(y));
