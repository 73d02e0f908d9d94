// `fs.createReadStream` and `fs.createWriteStream`, on the small streams of `stream.js`.

import { complete } from '../loop.js';
import { Buffer } from './buffer.js';
import { Readable, Writable } from './stream.js';
import { sync } from './fs.js';

export function createReadStream(path, options) {
  const settings = typeof options === 'string' ? { encoding: options } : options ?? {};
  const { start = 0, end = Infinity, highWaterMark = 65536 } = settings;
  let descriptor = settings.fd ?? null;
  let position = start;
  const open = () => { descriptor ??= sync.openSync(path, settings.flags ?? 'r'); };
  const stream = new Readable({
    read() {
      open();
      const chunk = Buffer.alloc(Math.min(highWaterMark, end - position + 1));
      const n = chunk.length ? sync.readSync(descriptor, chunk, 0, chunk.length, descriptor === 0 ? null : position) : 0;
      position += n;
      if (n > 0) return void this.push(chunk.subarray(0, n));
      if (descriptor > 2) sync.closeSync(descriptor);
      this.push(null);
    },
  });
  stream.path = path;
  // A file that can't be opened is reported whether or not anybody reads.
  complete(() => {
    if (stream.destroyed || stream.readableEnded) return;
    try {
      open();
      stream.emit('open', descriptor);
      stream.emit('ready');
    } catch (error) {
      stream.destroy(error);
    }
  });
  if (settings.encoding) stream.setEncoding(settings.encoding);
  return stream;
}

export function createWriteStream(path, options) {
  const settings = typeof options === 'string' ? { encoding: options } : options ?? {};
  let descriptor = settings.fd ?? null;
  const open = () => { descriptor ??= sync.openSync(path, settings.flags ?? 'w'); };
  const stream = new Writable({
    write(chunk, encoding, callback) {
      open();
      const n = sync.writeSync(descriptor, chunk);
      stream.bytesWritten += n;
      callback();
    },
    final(callback) {
      open();
      if (descriptor > 2) sync.closeSync(descriptor);
      callback();
    },
  });
  stream.path = path;
  stream.bytesWritten = 0;
  return stream;
}
