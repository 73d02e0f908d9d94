// Own error classes, causes, aggregates, finally, and rethrowing.
class DeployError extends Error {
  constructor(message, options) { super(message, options); this.name = 'DeployError'; this.step = options?.step; }
}
class Fatal extends DeployError {}
try {
  try { JSON.parse('{'); } catch (cause) { throw new Fatal('could not read settings', { cause, step: 'configure' }); }
} catch (error) {
  console.log(error instanceof Fatal, error instanceof DeployError, error instanceof Error, error.name, error.step, error.cause.name, String(error));
  console.log(Object.prototype.toString.call(error), error.stack.split('\n')[0], error.constructor.name);
}
function order() { try { return 'try'; } finally { console.log('finally'); } }
console.log(order());
const aggregate = new AggregateError([new Error('a'), new TypeError('b')], 'several');
console.log(aggregate.message, aggregate.errors.map(String));
for (const call of [() => null.x, () => undefinedName, () => (1).toFixed(101), () => decodeURIComponent('%'), () => { const c = 1; c = 2; }, () => new Array(-1), () => BigInt(1.5), () => 1n + 1]) {
  try { call(); } catch (error) { console.log(error.name, error instanceof Error); }
}
console.log(Error('no new') instanceof Error, new Error('m', { cause: 1 }).cause, 'cause' in new Error('x'));
const limited = {}; Error.captureStackTrace(limited); console.log(typeof limited.stack);
