// Makes a tree, walks it three ways, and removes it.
const fs = require('node:fs');
const path = require('node:path');
fs.mkdirSync('site/css/deep', { recursive: true });
fs.mkdirSync('site/js');
fs.writeFileSync('site/index.html', '<html>');
fs.writeFileSync('site/css/a.css', 'a{}');
fs.writeFileSync('site/css/deep/b.css', 'b{}');
fs.appendFileSync('site/css/deep/b.css', '\nc{}');
function walk(directory) {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(directory, entry.name);
    return entry.isDirectory() ? walk(full) : [full];
  });
}
console.log(walk('site').sort());
console.log(fs.readdirSync('site', { recursive: true }).sort());
console.log(fs.readdirSync('site').sort(), fs.statSync('site/css/deep/b.css').size, fs.statSync('site').isDirectory());
console.log(fs.existsSync('site/nothing'), fs.existsSync('site/js'));
fs.renameSync('site/index.html', 'site/home.html');
fs.copyFileSync('site/home.html', 'site/copy.html');
fs.symlinkSync('home.html', 'site/link');
console.log(fs.readlinkSync('site/link'), fs.lstatSync('site/link').isSymbolicLink(), fs.readFileSync('site/link', 'utf8'));
fs.unlinkSync('site/copy.html');
fs.cpSync('site', 'backup', { recursive: true });
fs.rmSync('site', { recursive: true, force: true });
console.log(fs.existsSync('site'), fs.readdirSync('backup').sort());
