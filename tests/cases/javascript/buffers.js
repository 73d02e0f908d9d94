// Buffer: encodings, concatenation, slices, searching, numbers.
const text = Buffer.from('Grüße 😀');
console.log(text, text.length, text.toString(), text.toString('hex'), text.toString('base64'), text.toString('base64url'), text.toString('latin1').length);
console.log(Buffer.from('68656c6c6f', 'hex').toString(), Buffer.from('aGk', 'base64').toString(), Buffer.byteLength('ü'), Buffer.from('zz', 'hex').length);
console.log(Buffer.concat([Buffer.from('a'), Buffer.alloc(2), Buffer.from([255])]), Buffer.alloc(3, 'ab'), Buffer.isBuffer(text), Buffer.compare(Buffer.from('a'), Buffer.from('b')));
const slice = text.subarray(0, 2); slice[0] = 0x67;
console.log(text.toString('utf8', 0, 4), text.indexOf('ß'), text.includes('😀'), text.indexOf(0x20), text.equals(Buffer.from(text)));
const numbers = Buffer.alloc(16);
numbers.writeUInt32BE(0xdeadbeef, 0); numbers.writeInt16LE(-2, 4); numbers.writeDoubleLE(Math.PI, 8);
console.log(numbers, numbers.readUInt32BE(0).toString(16), numbers.readInt16LE(4), numbers.readDoubleLE(8), numbers.readUInt8(0));
console.log(JSON.stringify(Buffer.from('hi')), Buffer.from({ type: 'Buffer', data: [1, 2] }), [...Buffer.from('ab').entries()], Buffer.from('abc').reverse().toString());
try { numbers.readUInt32LE(14); } catch (error) { console.log(error.code, error.message); }
console.log(Buffer.from(new Uint16Array([1, 256])), Buffer.from(new Uint8Array([1, 2]).buffer), new Uint8Array(Buffer.from([1, 2])), text.write('XY', 1), text.toString());
console.log(atob('aGVsbG8='), btoa('hello'), Buffer.from('é', 'latin1'), Buffer.from('€', 'utf16le'), Buffer.from('abc').fill('x').toString(), Buffer.alloc(60));
