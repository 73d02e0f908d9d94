// `stream`: small readable, writable and transforming streams. They flow when somebody listens, keep order, and end;
// there is no back-pressure beyond one chunk at a time, and no object is ever pooled.

import EventEmitter from 'events';
import { complete, nextTick } from '../loop.js';
import { Buffer } from './buffer.js';

export class Stream extends EventEmitter {
  pipe(target) {
    this.on('data', (chunk) => target.write(chunk));
    if (target.fd !== 1 && target.fd !== 2) this.on('end', () => target.end());
    target.emit('pipe', this);
    return target;
  }
}

export class Readable extends Stream {
  constructor(options = {}) {
    super();
    this.options = options;
    if (options.read) this._read = options.read;
    if (options.destroy) this._destroy = options.destroy;
    this.queue = [];
    this.readable = true;
    this.readableEnded = false;
    this.destroyed = false;
    this.readableFlowing = null;
    this.isReading = false;
    this.decoder = null;
    if (options.encoding) this.setEncoding(options.encoding);
    super.on('newListener', (event) => { if (event === 'data') nextTick(() => this.resume()); });
  }
  _read() {}
  setEncoding(encoding) { this.encoding = encoding; this.decoder = new TextDecoder(); return this; }
  push(chunk) {
    this.isReading = false;
    if (chunk !== null && !this.options.objectMode && typeof chunk === 'string' && !this.encoding) chunk = Buffer.from(chunk);
    if (chunk !== null && this.encoding && typeof chunk !== 'string') {
      chunk = /^utf-?8$/i.test(this.encoding) ? this.decoder.decode(chunk, { stream: true }) : Buffer.from(chunk).toString(this.encoding);
    }
    this.queue.push(chunk);
    if (this.readableFlowing) this.flow();
    this.waiting?.();
    return true;
  }
  resume() {
    if (!this.readableFlowing) {
      this.readableFlowing = true;
      this.flow();
    }
    return this;
  }
  pause() { this.readableFlowing = false; return this; }
  isPaused() { return this.readableFlowing === false; }
  flow() {
    if (this.isScheduled || this.readableEnded || this.destroyed) return;
    this.isScheduled = true;
    complete(() => {
      this.isScheduled = false;
      if (!this.readableFlowing || this.destroyed) return;
      if (!this.queue.length) return this.pull();
      const chunk = this.queue.shift();
      if (chunk === null) return this.finish();
      this.emit('data', chunk);
      this.flow();
    });
  }
  pull() {
    if (this.isReading) return;
    this.isReading = true;
    try {
      this._read(16384);
    } catch (error) {
      this.destroy(error);
    }
  }
  finish() {
    this.readableEnded = true;
    this.readable = false;
    this.emit('end');
    nextTick(() => this.emit('close'));
  }
  read() {
    if (!this.queue.length) { this.pull(); }
    const chunk = this.queue.length ? this.queue.shift() : null;
    if (chunk === null && !this.readableEnded) this.finish();
    return chunk;
  }
  destroy(error) {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.readable = false;
    const done = (problem) => nextTick(() => { if (problem) this.emit('error', problem); this.emit('close'); });
    if (this._destroy) this._destroy(error ?? null, (problem) => done(problem ?? error));
    else done(error);
    this.waiting?.();
    return this;
  }
  async *[Symbol.asyncIterator]() {
    let failure = null;
    this.on('error', (error) => { failure = error; this.waiting?.(); });
    for (;;) {
      if (failure) throw failure;
      if (this.destroyed) return;
      if (!this.queue.length) {
        this.pull();
        if (!this.queue.length && !failure) await new Promise((resolve) => { this.waiting = resolve; });
        continue;
      }
      const chunk = this.queue.shift();
      if (chunk === null) return void this.finish();
      yield chunk;
    }
  }
  static from(source, options) {
    const iterator = typeof source === 'string' || source instanceof Uint8Array ? [source][Symbol.iterator]()
      : source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
    return new Readable({
      objectMode: true, ...options,
      read() { Promise.resolve(iterator.next()).then(({ done, value }) => this.push(done ? null : value), (error) => this.destroy(error)); },
    });
  }
}

const writableMethods = {
  setUpWritable(options) {
    this.writableOptions = options;
    if (options.write) this._write = options.write;
    if (options.final) this._final = options.final;
    this.writable = true;
    this.writableEnded = false;
    this.writableFinished = false;
    this.pending = [];
    this.isWriting = false;
  },
  write(chunk, encoding, callback) {
    if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding];
    if (this.writableEnded) {
      const error = Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' });
      nextTick(() => { this.emit('error', error); callback?.(error); });
      return false;
    }
    if (typeof chunk === 'string' && !this.writableOptions.objectMode && this.writableOptions.decodeStrings !== false) chunk = Buffer.from(chunk, encoding);
    this.pending.push([chunk, encoding, callback]);
    this.drain();
    return !this.isWriting;
  },
  drain() {
    if (this.isWriting || this.destroyed) return;
    if (!this.pending.length) {
      if (this.writableEnded && !this.writableFinished) this.settle();
      return;
    }
    this.isWriting = true;
    const [chunk, encoding, callback] = this.pending.shift();
    try {
      this._write(chunk, encoding ?? 'buffer', (error) => {
        this.isWriting = false;
        if (error) { callback?.(error); this.destroy(error); return; }
        if (callback) nextTick(callback);
        if (!this.pending.length && !this.writableEnded) nextTick(() => this.emit('drain'));
        this.drain();
      });
    } catch (error) {
      this.destroy(error);
    }
  },
  end(chunk, encoding, callback) {
    const done = [chunk, encoding, callback].find((value) => typeof value === 'function');
    if (chunk != null && typeof chunk !== 'function') this.write(chunk, typeof encoding === 'string' ? encoding : undefined);
    if (done) this.once('finish', done);
    this.writableEnded = true;
    this.writable = false;
    this.drain();
    return this;
  },
  settle() {
    this.writableFinished = true;
    const finish = (error) => {
      if (error) return this.destroy(error);
      complete(() => { this.emit('finish'); if (!(this instanceof Readable)) this.emit('close'); });
    };
    try {
      if (this._final) this._final(finish);
      else finish();
    } catch (error) {
      this.destroy(error);
    }
  },
  cork() {},
  uncork() {},
};

export class Writable extends Stream {
  constructor(options = {}) {
    super();
    this.setUpWritable(options);
    this.destroyed = false;
  }
  destroy(error) {
    if (this.destroyed) return this;
    this.destroyed = true;
    nextTick(() => { if (error) this.emit('error', error); this.emit('close'); });
    return this;
  }
}
Object.assign(Writable.prototype, writableMethods);

export class Duplex extends Readable {
  constructor(options = {}) {
    super(options);
    this.setUpWritable(options);
  }
}
Object.assign(Duplex.prototype, writableMethods);

export class Transform extends Duplex {
  constructor(options = {}) {
    super(options);
    if (options.transform) this._transform = options.transform;
    if (options.flush) this._flush = options.flush;
    this._write = (chunk, encoding, callback) => this._transform(chunk, encoding, (error, result) => {
      if (!error && result != null) this.push(result);
      callback(error);
    });
    this._final = (callback) => {
      const end = (error, result) => { if (!error) { if (result != null) this.push(result); this.push(null); } callback(error); };
      if (this._flush) this._flush(end);
      else end();
    };
  }
}

export class PassThrough extends Transform {
  _transform(chunk, encoding, callback) { callback(null, chunk); }
}

export function finished(stream, callback) {
  stream.on('error', callback);
  stream.on('end', () => callback());
  stream.on('finish', () => callback());
}

function pipelinePromise(streams) {
  return new Promise((resolve, reject) => {
    let source = streams[0];
    if (typeof source === 'function') source = source();
    if (!(source instanceof EventEmitter)) source = Readable.from(source);
    source.on('error', reject);
    for (const next of streams.slice(1)) {
      let target = next;
      if (typeof next === 'function') target = Readable.from(next(source));
      else source.pipe(next);
      target.on('error', reject);
      source = target;
    }
    source.on(source.write ? 'finish' : 'end', resolve);
    if (!source.write) source.resume();
  });
}

export function pipeline(...streams) {
  const callback = streams.pop();
  pipelinePromise(streams.flat()).then(() => callback(), callback);
  return streams.at(-1);
}

export const promises = { pipeline: (...streams) => pipelinePromise(streams.flat()), finished: (stream) => new Promise((resolve, reject) => finished(stream, (error) => (error ? reject(error) : resolve()))) };
export const stream = Object.assign(Stream, { Stream, Readable, Writable, Duplex, Transform, PassThrough, finished, pipeline, promises });
