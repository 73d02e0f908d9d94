"""The memory of a component, as the data segments of its core modules make it: words that can be read, and changed in the file.

Nothing moves: only bytes that the file has can be changed. A segment at an address that isn't constant is refused, and so is a
change of what the file doesn't have.
"""

import struct

CORE_MODULE = 1
DATA = 11
I32_CONST = 0x41


class Memory:
    """What memory holds when the component starts, from address 0 to the last byte that a segment has."""

    def __init__(self, path):
        self._path = path
        self._file = bytearray(path.read_bytes())
        self._pieces = list(self._segments())
        self._bytes = bytearray(max(address + length for address, _, length in self._pieces))
        for address, place, length in self._pieces:
            self._bytes[address : address + length] = self._file[place : place + length]

    def __len__(self):
        return len(self._bytes)

    def word(self, address):
        """The 32 bits at `address`."""
        return struct.unpack_from("<I", self._bytes, address)[0]

    def set_word(self, address, value):
        struct.pack_into("<I", self._bytes, address, value)

    def find(self, pattern, start=0):
        """The first address from `start` on that holds these bytes, or -1."""
        return self._bytes.find(pattern, start)

    def save(self):
        """Writes the file with what was changed."""
        left = bytearray(self._bytes)
        for address, place, length in self._pieces:
            self._file[place : place + length] = self._bytes[address : address + length]
            left[address : address + length] = bytes(length)
        if left.count(0) != len(left):
            raise SystemExit(f"{self._path}: something was changed that no data segment has")
        self._path.write_bytes(self._file)

    def _number(self, at):
        """An unsigned LEB128 number, and what follows it."""
        value = shift = 0
        while True:
            byte = self._file[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                return value, at

    def _sections(self, at, end):
        while at < end:
            kind = self._file[at]
            size, start = self._number(at + 1)
            yield kind, start, start + size
            at = start + size

    def _segments(self):
        """(address, place in the file, length) of each active data segment of the component's core modules."""
        for kind, start, end in self._sections(8, len(self._file)):
            if kind != CORE_MODULE:
                continue
            for kind, start, _ in self._sections(start + 8, end):
                if kind != DATA:
                    continue
                count, at = self._number(start)
                for _ in range(count):
                    if self._file[at : at + 2] != bytes((0, I32_CONST)):
                        raise SystemExit(f"{self._path}: a data segment isn't at a constant address")
                    address, at = self._number(at + 2)
                    length, at = self._number(at + 1)
                    yield address, at, length
                    at += length
