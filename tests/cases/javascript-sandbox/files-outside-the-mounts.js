// What isn't mounted can't be read, and what is mounted read-only can't be written.
const fs = require('fs');
for (const call of [() => fs.readFileSync('/etc/passwd'), () => fs.readdirSync('/proc'), () => fs.writeFileSync('/etc/x', ''), () => fs.readFileSync('../../etc/passwd'),
  () => fs.writeFileSync('/seawall/x', ''), () => fs.mkdirSync('/seawall/d')]) {
  try { call(); console.log('allowed'); } catch (error) { console.log(['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes(error.code), error.code === error.message.slice(0, error.code.length)); }
}
fs.symlinkSync('../../../etc', 'escape');
try { fs.readdirSync('escape'); console.log('allowed'); } catch (error) { console.log('refused'); }
console.log(fs.existsSync('/etc/hostname'), fs.existsSync(__filename));
