// `readline`: lines of a stream, most often standard input. There is no terminal, so nothing is edited or coloured.

import EventEmitter from 'events';
import { process } from '../process.js';

class Interface extends EventEmitter {
  constructor({ input, output, crlfDelay, prompt = '> ' }) {
    super();
    this.input = input;
    this.output = output;
    this.text = '';
    this.prompting = prompt;
    this.isClosed = false;
    this.questions = [];
    this.lines = [];
    this.decoder = new TextDecoder();
    input.on('data', (chunk) => {
      this.text += typeof chunk === 'string' ? chunk : this.decoder.decode(chunk, { stream: true });
      const lines = this.text.split(/\r?\n/);
      this.text = lines.pop();
      for (const line of lines) this.take(line);
    });
    input.on('end', () => {
      if (this.text !== '') this.take(this.text);
      this.text = '';
      this.close();
    });
  }
  take(line) {
    const question = this.questions.shift();
    if (question) question(line);
    else if (this.iterating) { this.lines.push(line); this.wake?.(); } else if (this.listenerCount('line')) this.emit('line', line);
    else this.lines.push(line);
  }
  close() {
    if (this.isClosed) return;
    this.isClosed = true;
    this.input.pause?.();
    this.emit('close');
    this.wake?.();
  }
  question(text, options, callback = options) {
    (this.output ?? process.stdout).write(text);
    if (this.lines.length) callback(this.lines.shift());
    else this.questions.push(callback);
  }
  setPrompt(text) { this.prompting = text; }
  prompt() { (this.output ?? process.stdout).write(this.prompting); }
  write() {}
  pause() { this.input.pause?.(); return this; }
  resume() { this.input.resume?.(); return this; }
  async *[Symbol.asyncIterator]() {
    this.iterating = true;
    for (;;) {
      if (this.lines.length) yield this.lines.shift();
      else if (this.isClosed) return;
      else await new Promise((resolve) => { this.wake = resolve; });
    }
  }
}

export const readline = {
  Interface,
  createInterface: (input, output) => new Interface(input.input ? input : { input, output }),
  clearLine: () => true, cursorTo: () => true, moveCursor: () => true, clearScreenDown: () => true,
};

class PromiseInterface extends Interface {
  question(text) { return new Promise((resolve) => super.question(text, resolve)); }
}
readline.promises = { Interface: PromiseInterface, createInterface: (input, output) => new PromiseInterface(input.input ? input : { input, output }) };
