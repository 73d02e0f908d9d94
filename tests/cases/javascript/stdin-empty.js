// Standard input that is empty: the end comes at once, however it is read.
const fs = require('fs');
process.stdin.setEncoding('utf8');
let text = '';
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', () => { console.log('end', JSON.stringify(text)); console.log(JSON.stringify(fs.readFileSync(0, 'utf8'))); });
