// JSON, as configuration files use it: built into the engine.
const document = {
  services: Array.from({ length: 500 }, (_, i) => ({
    name: `service-${i}`, port: 8000 + i, tags: ['a', 'b', String(i)], load: i / 8, on: i % 2 === 0,
  })),
};
let size = 0;
for (let i = 0; i < 600; i++) {
  const text = JSON.stringify(document);
  size += JSON.parse(text).services.length + text.length;
}
console.log(size);
