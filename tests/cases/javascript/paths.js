// path, in its POSIX form.
const path = require('path');
console.log(path.join('/a', '..', 'b', './c', ''), path.resolve('/a/b', '../c', 'd'), path.normalize('/a//b/./c/..'), path.relative('/a/b/c', '/a/d'));
console.log(path.basename('/x/y.tar.gz'), path.basename('/x/y.txt', '.txt'), path.dirname('/x/y/z'), path.extname('.bashrc'), path.extname('a.b.c'));
console.log(path.parse('/home/u/file.txt'), path.format({ dir: '/a', name: 'b', ext: '.c' }), path.isAbsolute('a'), path.sep, path.delimiter, path.posix === path);
console.log(path.resolve('x') === path.join(process.cwd(), 'x'));
