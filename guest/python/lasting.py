#!/usr/bin/env python3
"""Makes immortal what `src/_seawall/lasting.py` listed in the image: a reference count that CPython never writes to (PEP 683).

    lasting.py python.wasm      rewrites the file in place, and says how many objects it marked

Nothing moves: four bytes per object are changed in the data segments, where the object is still what the list says it is.
An image without a list is refused, and one whose numbers don't fit together.
"""

import struct
import sys
from pathlib import Path

MARK = 2 * b"what lasts in Seawall's image: /"

# Include/refcount.h of CPython 3.14, where pointers have 32 bits.
IMMORTAL = 5 << 28
FIRST_IMMORTAL = 1 << 30
# More holders than any object of the image has: whoever says so is no object.
MAX_HOLDERS = 1 << 22

CORE_MODULE = 1
DATA = 11
I32_CONST = 0x41


class Image:
    """The file's bytes, and where in them each piece of memory is."""

    def __init__(self, file):
        self.file = bytearray(file)
        self.pieces = list(self._segments())

    def _number(self, at):
        """An unsigned LEB128 number, and what follows it."""
        value = shift = 0
        while True:
            byte = self.file[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                return value, at

    def _sections(self, at, end):
        while at < end:
            kind = self.file[at]
            size, start = self._number(at + 1)
            yield kind, start, start + size
            at = start + size

    def _segments(self):
        """(address, place in the file, length) of each active data segment of the component's core modules."""
        for kind, start, end in self._sections(8, len(self.file)):
            if kind != CORE_MODULE:
                continue
            for kind, start, _ in self._sections(start + 8, end):
                if kind != DATA:
                    continue
                count, at = self._number(start)
                for _ in range(count):
                    if self.file[at : at + 2] != bytes((0, I32_CONST)):
                        raise SystemExit("lasting.py: a data segment isn't at a constant address")
                    address, at = self._number(at + 2)
                    length, at = self._number(at + 1)
                    yield address, at, length
                    at += length

    def words(self):
        """Place in the file of each aligned word of memory that isn't zero, by address."""
        return {
            address + offset: place + offset
            for address, place, length in self.pieces
            for offset in range(-address % 4, length - 3, 4)
        }

    def address(self, place):
        """Where in memory a place of the file is."""
        return next(address + place - start for address, start, length in self.pieces if start <= place < start + length)


def main(path):
    image = Image(path.read_bytes())
    words = image.words()

    def word(address):
        place = words.get(address)
        return 0 if place is None else struct.unpack_from("<I", image.file, place)[0]

    mark = image.file.find(MARK)
    if mark < 0 or image.file.find(MARK, mark + 1) >= 0:
        raise SystemExit("lasting.py: the image has no list of objects, or several")
    start = image.address(mark) + len(MARK)
    n_marked = n_gone = 0
    for entry in range(start + 4, start + 4 + 4 * word(start), 8):
        address, kind = word(entry), word(entry + 4)
        n_holders = word(address)
        if n_holders >= FIRST_IMMORTAL:
            continue
        if word(address + 4) != kind or not 0 < n_holders < MAX_HOLDERS:
            n_gone += 1
            continue
        struct.pack_into("<I", image.file, words[address], IMMORTAL)
        n_marked += 1
    if n_marked < 10 * n_gone or not n_marked:
        raise SystemExit(f"lasting.py: the list doesn't fit the image: {n_marked} objects are there, {n_gone} are not")
    path.write_bytes(image.file)
    print(f"guest/python: {n_marked} objects are immortal; {n_gone} of the list were gone")


main(Path(sys.argv[1]))
