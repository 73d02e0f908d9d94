// Modules that aren't there: code and first line of the message.
for (const name of ['left-pad', './missing', '/nowhere/x', 'node:nothing']) {
  try { require(name); } catch (error) { console.log(name, error.code, error.message.split('\n')[0].replace(process.cwd(), '.')); }
}
import('./gone.mjs').catch((error) => console.log(error.code));
import('no-such-package').catch((error) => console.log(error.code, error.message.replace(/imported from.*/, '')));
