// The errors of the file system, with node's codes, numbers and wording.

const ERRORS = {
  EPERM: [1, 'operation not permitted'], ENOENT: [2, 'no such file or directory'], EINTR: [4, 'interrupted system call'],
  EIO: [5, 'i/o error'], ENXIO: [6, 'no such device or address'], EBADF: [9, 'bad file descriptor'],
  EAGAIN: [11, 'resource temporarily unavailable'], ENOMEM: [12, 'not enough memory'], EACCES: [13, 'permission denied'],
  EBUSY: [16, 'resource busy or locked'], EEXIST: [17, 'file already exists'], EXDEV: [18, 'cross-device link not permitted'],
  ENODEV: [19, 'no such device'], ENOTDIR: [20, 'not a directory'], EISDIR: [21, 'illegal operation on a directory'],
  EINVAL: [22, 'invalid argument'], ENOTTY: [25, 'inappropriate ioctl for device'], ETXTBSY: [26, 'text file is busy'],
  EFBIG: [27, 'file too large'], ENOSPC: [28, 'no space left on device'], ESPIPE: [29, 'invalid seek'],
  EROFS: [30, 'read-only file system'], EMLINK: [31, 'too many links'], EPIPE: [32, 'broken pipe'],
  ENAMETOOLONG: [36, 'name too long'], ENOTEMPTY: [39, 'directory not empty'], ELOOP: [40, 'too many symbolic links encountered'],
  EOVERFLOW: [75, 'value too large for defined data type'], EILSEQ: [84, 'illegal byte sequence'],
  ENOTSUP: [95, 'operation not supported on socket'], EDQUOT: [122, 'disk quota exceeded'],
};

export function uvException(code, syscall, path, dest) {
  const [errno, text] = ERRORS[code] ?? [0, code];
  let message = `${code}: ${text}, ${syscall}`;
  if (path !== undefined) message += ` '${path}'`;
  if (dest !== undefined) message += ` -> '${dest}'`;
  const error = new Error(message);
  error.errno = -errno;
  error.code = code;
  error.syscall = syscall;
  if (path !== undefined) error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}

// Runs a system function; the name it throws becomes an error.
export function asking(syscall, path, ask, dest) {
  try {
    return ask();
  } catch (name) {
    throw typeof name === 'string' ? uvException(name, syscall, path, dest) : name;
  }
}
