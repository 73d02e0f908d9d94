// Maps, sorting with a comparison, sets.
let seed = 42;
const rows = [];
for (let i = 0; i < 120000; i++) {
  seed = (seed * 1103515 + 12345) % 2147483648;
  rows.push([seed % 1000, seed]);
}
const groups = new Map();
for (const [key, value] of rows) {
  if (!groups.has(key)) groups.set(key, []);
  groups.get(key).push(value);
}
rows.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
console.log(groups.size, rows[0].join(), rows[rows.length - 1].join(), new Set(rows.map((row) => row[1] % 5000)).size);
