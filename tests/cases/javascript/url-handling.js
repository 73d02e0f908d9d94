// URL and URLSearchParams.
const url = new URL('https://user:p%40ss@example.com:8443/a/./b/../c?x=1&y=2&x=3#frag');
console.log(url.href, url.origin, url.username, url.password, url.host, url.port, url.pathname, url.search, url.hash);
url.port = '443';
url.searchParams.append('z', 'a b&c');
url.searchParams.delete('x');
url.pathname = '/new path';
url.hash = '';
console.log(String(url), url.searchParams.get('z'), url.searchParams.getAll('y'), [...url.searchParams.keys()]);
console.log(new URL('../x?y', 'http://h/a/b/c').href, new URL('//other/p', 'https://h/').href, new URL('file:///a b/ü').href);
console.log(URL.canParse('nonsense'), URL.canParse('a:b'));
try { new URL('nonsense'); } catch (error) { console.log(error.name, error.code, error.message, error.input); }
const params = new URLSearchParams({ q: 'ü ~*()', page: 2 });
console.log(params.toString(), new URLSearchParams('?a=%41+b&c').get('a'), new URLSearchParams([['b', '2'], ['a', '1']]).toString());
params.sort();
console.log(params, params.size, params.has('q'), Object.fromEntries(params));
console.log(new URL('http://EXAMPLE.com:80/%7Efoo/../bär').href, new URL('http://münchen.de/').host);
console.log(url);
const { fileURLToPath, pathToFileURL } = require('url');
console.log(fileURLToPath('file:///tmp/a%20b'), pathToFileURL('/tmp/a b#c').href);
