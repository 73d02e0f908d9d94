"""A list of everything that exists when the image is made, for `lasting.py` beside build.sh.

CPython writes to an object whenever somebody takes hold of it: its reference count is in it. In a sandbox each such write costs a
private copy of a page, for objects that outlive every run anyway. Objects that are *immortal* (PEP 683) aren't written to; but
Python can't make one so. So this lists them in the image, and the build marks them there.
"""

import array
import gc
import io
import types

# Twice in a row it is only where the list begins. As long as some words, so that the list begins at one.
_MARK = b"what lasts in Seawall's image: /"

# What a code object holds. The collector doesn't say: it doesn't look into them.
_PARTS_OF_CODE = ("co_consts", "co_names", "co_name", "co_qualname", "co_filename", "co_linetable", "co_exceptiontable")

# A bit for each 8 bytes of so much memory.
_MEMORY_BYTES = 1 << 28

_list = b""


def record():
    """Lists each object that can be reached: its address and its type's, by which the build sees that it is still there."""
    global _list
    seen = bytearray(_MEMORY_BYTES // 64)
    found = array.array("I")
    waiting = gc.get_objects()
    while waiting:
        one = waiting.pop()
        address = id(one)
        place, bit = address >> 6, 1 << (address >> 3 & 7)
        if seen[place] & bit:
            continue
        seen[place] |= bit
        kind = type(one)
        # A file that nobody holds any more is flushed and closed: it has to be seen to go.
        if not issubclass(kind, io.IOBase):
            found.extend((address, id(kind)))
        if kind is types.CodeType:
            waiting.extend(getattr(one, part) for part in _PARTS_OF_CODE)
        else:
            waiting.extend(gc.get_referents(one))
            if kind is dict:
                waiting.extend(one)
    _list = b"".join((_MARK, _MARK, len(found).to_bytes(4, "little"), found.tobytes()))
