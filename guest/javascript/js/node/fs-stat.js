// `fs.Stats` and `fs.Dirent`. WASI has no mode bits: files are shown as 0644, directories as 0755.

const DIRECTORY = 0o04;
const REGULAR = 0o10;
const LINK = 0o12;

class Kind {
  #kind;
  constructor(kind) { this.#kind = kind; }
  isFile() { return this.#kind === REGULAR; }
  isDirectory() { return this.#kind === DIRECTORY; }
  isSymbolicLink() { return this.#kind === LINK; }
  isFIFO() { return this.#kind === 0o01; }
  isSocket() { return this.#kind === 0o14; }
  isCharacterDevice() { return this.#kind === 0o02; }
  isBlockDevice() { return this.#kind === 0o06; }
}

export class Stats extends Kind {
  constructor([kind, size, access, modification, change, links], bigint = false) {
    super(kind);
    const number = bigint ? (value) => BigInt(Math.round(value)) : (value) => value;
    this.dev = number(0);
    this.mode = number((kind << 12) | (kind === DIRECTORY ? 0o755 : kind === LINK ? 0o777 : 0o644));
    this.nlink = number(links);
    this.uid = number(0);
    this.gid = number(0);
    this.rdev = number(0);
    this.blksize = number(4096);
    this.ino = number(0);
    this.size = number(size);
    this.blocks = number(Math.ceil(size / 512));
    this.atimeMs = number(access);
    this.mtimeMs = number(modification);
    this.ctimeMs = number(change);
    this.birthtimeMs = number(change);
    this.atime = new Date(access);
    this.mtime = new Date(modification);
    this.ctime = new Date(change);
    this.birthtime = new Date(change);
  }
}

export class Dirent extends Kind {
  constructor(name, path, kind) {
    super(kind);
    this.name = name;
    this.parentPath = path;
    this.path = path;
  }
}
