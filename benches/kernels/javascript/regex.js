// Regular expressions over a log.
const lines = [];
for (let i = 0; i < 6000; i++) {
  const [a, b] = [i % 9, i % 60];
  lines.push(`10.0.${a}.${b} - - [12/Mar/2026:10:11:${b}] "GET /api/v${a}/things/${b} HTTP/1.1" 200 ${a}${b}`);
}
const log = lines.join('\n');
const pattern = /^(\d+\.\d+\.\d+\.\d+) .*?\[([^\]]+)\] "(GET|POST) (\S+) [^"]*" (\d{3}) (\d+)$/gm;
let total = 0;
for (let n = 0; n < 40; n++) {
  for (const found of log.matchAll(pattern)) total += Number(found[6]);
}
console.log(total, log.replace(/\/v\d+\//g, '/v0/').length);
