// crypto.subtle: digests, HMAC, PBKDF2; and getRandomValues, randomUUID.
const encoder = new TextEncoder();
const hex = (buffer) => Buffer.from(buffer).toString('hex');
for (const name of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) console.log(name, hex(await crypto.subtle.digest(name, encoder.encode('seawall'))));
const key = await crypto.subtle.importKey('raw', encoder.encode('key'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
const signature = await crypto.subtle.sign('HMAC', key, encoder.encode('data'));
console.log(hex(signature), await crypto.subtle.verify('HMAC', key, signature, encoder.encode('data')), await crypto.subtle.verify('HMAC', key, signature, encoder.encode('dat')));
console.log((await crypto.subtle.exportKey('jwk', key)).k, key.type, key.extractable, key.algorithm.name);
const password = await crypto.subtle.importKey('raw', encoder.encode('password'), 'PBKDF2', false, ['deriveBits']);
console.log(hex(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: encoder.encode('salt'), iterations: 1000 }, password, 256)));
console.log(crypto.getRandomValues(new Uint8Array(8)).length, /^[0-9a-f-]{36}$/.test(crypto.randomUUID()), crypto.randomUUID() !== crypto.randomUUID());
await crypto.subtle.digest('MD5', new Uint8Array()).catch((error) => console.log(error.name));
