// `FileHandle`, what `fs.promises.open` gives.

import { later } from './fs-async.js';

export class FileHandle {
  #sync;
  constructor(descriptor, sync) {
    this.fd = descriptor;
    this.#sync = sync;
  }
  readFile(options) { return later(() => this.#sync.readFileSync(this.fd, options)); }
  writeFile(data, options) { return later(() => this.#sync.writeFileSync(this.fd, data, options)); }
  appendFile(data, options) { return later(() => this.#sync.appendFileSync(this.fd, data, options)); }
  read(buffer, ...args) { return later(() => ({ bytesRead: this.#sync.readSync(this.fd, buffer, ...args), buffer })); }
  write(data, ...args) { return later(() => ({ bytesWritten: this.#sync.writeSync(this.fd, data, ...args), buffer: data })); }
  stat() { return later(() => this.#sync.fstatSync(this.fd)); }
  truncate(size) { return later(() => this.#sync.ftruncateSync(this.fd, size)); }
  sync() { return later(() => {}); }
  datasync() { return later(() => {}); }
  close() { return later(() => this.#sync.closeSync(this.fd)); }
  async *readLines() {
    const lines = (await this.readFile('utf8')).split(/\r?\n/);
    if (lines.at(-1) === '') lines.pop();
    yield* lines;
  }
  async [Symbol.asyncDispose ?? Symbol.for('asyncDispose')]() { await this.close(); }
}
