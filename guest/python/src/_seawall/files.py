"""Mode bits, temporary directories and other things about files that WASI doesn't know and scripts rely on.

WASI has no permissions. Files would say mode 000, and an archive made from them could not be read where it is unpacked; so they
say 644 and directories 755, and `chmod` is remembered for the life of the process. It protects nothing: the policy does.
"""

import os
import posix
import stat
import tempfile

_ORDINARY = {stat.S_IFREG: 0o644, stat.S_IFDIR: 0o755, stat.S_IFLNK: 0o777}
_ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
_modes: dict[tuple[int, int], int] = {}


def install():
    os.stat, os.lstat, os.fstat = _stat, _lstat, _fstat
    os.open = _open
    os.chmod = os.fchmod = _chmod
    os.lchmod = lambda path, mode: _chmod(path, mode, follow_symlinks=False)
    os.umask = _umask
    os.getppid = lambda: 0
    os.getuid = os.geteuid = os.getgid = os.getegid = lambda: 0
    os.chown = os.lchown = lambda path, uid, gid, **options: None
    os.supports_follow_symlinks |= {_stat, _chmod}
    os.supports_fd |= {_stat, _chmod}
    os.supports_dir_fd |= {_stat, _open}
    tempfile._candidate_tempdir_list = _temporary_directories


def _with_mode(result):
    mode = result.st_mode
    if mode & 0o7777:
        return result
    kind = stat.S_IFMT(mode)
    bits = _modes.get((result.st_dev, result.st_ino)) if _modes else None
    mode |= _ORDINARY.get(kind, 0o600) if bits is None else bits
    fields, extra = result.__reduce__()[1]
    return os.stat_result((mode, *fields[1:]), extra)


def _stat(path, *, dir_fd=None, follow_symlinks=True):
    return _with_mode(posix.stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks))


def _lstat(path, *, dir_fd=None):
    return _with_mode(posix.lstat(path, dir_fd=dir_fd))


def _fstat(fd):
    return _with_mode(posix.fstat(fd))


def _open(path, flags, mode=0o777, *, dir_fd=None):
    # Everywhere else 0 says "to read"; in WASI's C library it says nothing, and is refused.
    if not flags & _ACCESS:
        flags |= os.O_RDONLY
    return posix.open(path, flags, mode, dir_fd=dir_fd)


def _chmod(path, mode, *, dir_fd=None, follow_symlinks=True):
    found = posix.stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
    _modes[found.st_dev, found.st_ino] = mode & 0o7777


def _umask(mask):
    return 0o022


def _temporary_directories():
    """Where `tempfile` may look: what the script was told, then mounts. It never tries a directory that isn't mounted."""
    from .start import mounts

    named = [os.environ[name] for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name)]
    mounted = mounts()
    return [*named, *(path for path in ("/tmp", "/work") if path in mounted), os.getcwd()]
