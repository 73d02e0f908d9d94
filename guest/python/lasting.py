#!/usr/bin/env python3
"""Makes immortal what `src/_seawall/lasting.py` listed in the image: a reference count that CPython never writes to (PEP 683).

    lasting.py python.wasm      rewrites the file in place, and says how many objects it marked

Nothing moves: four bytes per object are changed where the object is still what the list says it is. An image without a list is
refused, and one whose numbers don't fit together.
"""

import sys
from pathlib import Path

from memory import Memory

MARK = 2 * b"what lasts in Seawall's image: /"

# Include/refcount.h of CPython 3.14, where pointers have 32 bits.
IMMORTAL = 5 << 28
FIRST_IMMORTAL = 1 << 30
# More holders than any object of the image has: whoever says so is no object.
MAX_HOLDERS = 1 << 22


def main(path):
    memory = Memory(path)
    mark = memory.find(MARK)
    if mark < 0 or memory.find(MARK, mark + 1) >= 0:
        raise SystemExit("lasting.py: the image has no list of objects, or several")
    start = mark + len(MARK)
    n_marked = n_gone = 0
    for entry in range(start + 4, start + 4 + 4 * memory.word(start), 8):
        address, kind = memory.word(entry), memory.word(entry + 4)
        n_holders = memory.word(address)
        if n_holders >= FIRST_IMMORTAL:
            continue
        if memory.word(address + 4) != kind or not 0 < n_holders < MAX_HOLDERS:
            n_gone += 1
            continue
        memory.set_word(address, IMMORTAL)
        n_marked += 1
    if n_marked < 10 * n_gone or not n_marked:
        raise SystemExit(f"lasting.py: the list doesn't fit the image: {n_marked} objects are there, {n_gone} are not")
    memory.save()
    print(f"guest/python: {n_marked} objects are immortal; {n_gone} of the list were gone")


main(Path(sys.argv[1]))
