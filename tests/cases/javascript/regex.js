// Regular expressions: groups, look-behind, sticky, Unicode, replacing with functions.
const log = '2024-05-01T10:00:00Z [ERROR] web-1: timeout after 30s\n2024-05-01T10:00:01Z [INFO] web-2: ok';
const pattern = /^(?<time>\S+) \[(?<level>\w+)\] (?<host>[\w-]+): (?<text>.*)$/gm;
for (const match of log.matchAll(pattern)) console.log({ ...match.groups }, match.index);
console.log('v1.2.3-beta.4+build'.match(/^v?(\d+)\.(\d+)\.(\d+)(?:-([\w.]+))?(?:\+(\w+))?$/).slice(1));
console.log('a1b22'.replace(/\d+/g, (digits) => `<${digits.length}>`), 'price 5€ 10€'.match(/(?<=\s)\d+(?=€)/g));
console.log('${HOME}/bin:${PATH}'.replace(/\$\{(\w+)\}/g, (_, name) => ({ HOME: '/root' })[name] ?? ''));
const sticky = /foo/y; sticky.lastIndex = 3;
console.log(sticky.test('barfoo'), sticky.lastIndex, /\p{Lu}\p{Ll}+/u.exec('der Ärger')[0], /^.$/u.test('😀'), 'aBc'.replace(/b/i, '[$&|$`|$\']'));
console.log('a,b;c d'.split(/[,; ]/), 'x'.padStart(3, '-'), 'camelCaseText'.replace(/([A-Z])/g, '_$1').toLowerCase());
console.log(/a.c/s.test('a\nc'), /(\w)\1/.exec('hello')[0], 'aaa'.lastIndexOf('a'), [...'a-b-c'.matchAll(/-/g)].length, /[\d--5]/v.test('5'));
console.log(/x/gi, String(/a\/b/), RegExp('\\d+', 'g').flags);
