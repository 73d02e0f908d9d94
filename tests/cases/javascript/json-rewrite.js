// Rewrites nested settings in a JSON file, the way a deployment fills in an environment's values.
const fs = require('fs');
fs.writeFileSync('appsettings.json', JSON.stringify({ Logging: { Level: 'Debug' }, Urls: ['http://a'], Retry: 3 }, null, 2));
const settings = JSON.parse(fs.readFileSync('appsettings.json', 'utf8'));
const overrides = { 'Logging:Level': 'Warning', 'Urls:0': 'https://b', Retry: 5, 'New:Deep:Key': true };
for (const [path, value] of Object.entries(overrides)) {
  const keys = path.split(':');
  let at = settings;
  for (const key of keys.slice(0, -1)) at = at[key] ??= {};
  at[keys.at(-1)] = value;
}
fs.writeFileSync('appsettings.json', JSON.stringify(settings, null, 4) + '\n');
process.stdout.write(fs.readFileSync('appsettings.json', 'utf8'));
console.log(settings);
