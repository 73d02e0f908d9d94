// node's crypto: checksums of files and texts, signatures of webhooks.
const crypto = require('crypto');
const fs = require('fs');
for (const name of ['md5', 'sha1', 'sha256', 'sha512']) console.log(name, crypto.createHash(name).update('hello').digest('hex'));
console.log(crypto.createHash('sha256').update('a').update(Buffer.from('b')).update('63', 'hex').digest('base64'));
console.log(crypto.createHmac('sha256', 'secret').update('{"ref":"main"}').digest('hex'), crypto.createHash('sha256').digest('base64url'));
fs.writeFileSync('big.bin', Buffer.alloc(300000, 'seawall'));
console.log(crypto.createHash('sha256').update(fs.readFileSync('big.bin')).digest('hex'));
console.log(crypto.randomBytes(16).length, crypto.randomUUID().length, crypto.randomInt(5, 6));
console.log(crypto.timingSafeEqual(Buffer.from('abc'), Buffer.from('abc')), crypto.pbkdf2Sync('pw', 'salt', 100, 16, 'sha1').toString('hex'));
const hash = crypto.createHash('md5');
hash.digest();
try { hash.update('x'); } catch (error) { console.log(error.code); }
