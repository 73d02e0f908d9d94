// The errors of files: code, message, number, path.
const fs = require('fs');
const attempt = (name, call) => {
  try { console.log(name, call()); } catch (error) { console.log(name, error.code, error.errno, error.syscall, error.path, '|', error.message); }
};
fs.mkdirSync('d');
fs.writeFileSync('f', 'x');
attempt('read missing', () => fs.readFileSync('nothing/here'));
attempt('read directory', () => fs.readFileSync('d'));
attempt('write into missing', () => fs.writeFileSync('no/f', ''));
attempt('mkdir again', () => fs.mkdirSync('d'));
attempt('mkdir recursive again', () => fs.mkdirSync('d', { recursive: true }));
attempt('list file', () => fs.readdirSync('f'));
attempt('list missing', () => fs.readdirSync('zz'));
attempt('stat missing', () => fs.statSync('zz'));
attempt('stat missing quietly', () => fs.statSync('zz', { throwIfNoEntry: false }));
attempt('lstat missing', () => fs.lstatSync('zz'));
attempt('unlink missing', () => fs.unlinkSync('zz'));
attempt('rename missing', () => fs.renameSync('zz', 'yy'));
attempt('copy missing', () => fs.copyFileSync('zz', 'yy'));
attempt('exclusive', () => fs.writeFileSync('f', '', { flag: 'wx' }));
attempt('rm missing', () => fs.rmSync('zz'));
attempt('rm forced', () => fs.rmSync('zz', { force: true }));
attempt('access missing', () => fs.accessSync('zz'));
fs.writeFileSync('d/inner', '');
attempt('rmdir full', () => fs.rmdirSync('d'));
attempt('bad path', () => fs.readFileSync(undefined));
