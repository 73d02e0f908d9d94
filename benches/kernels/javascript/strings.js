// Building, splitting, replacing and formatting text.
let total = 0;
for (let n = 0; n < 1200; n++) {
  const lines = [];
  for (let i = 0; i < 400; i++) {
    lines.push(`host-${String(i).padStart(4, '0')}.example.com = ${(i * n) % 977}`);
  }
  const text = lines.join('\n').replaceAll('example', 'acme').toUpperCase();
  for (const line of text.split('\n')) total += line.split(' = ')[1].trim().length;
}
console.log(total);
