"""Turns JSON that is nested past all reason into RecursionError, which natively it is.

CPython notices that the C stack runs out by looking at the part of it that lies in memory. The JSON scanner has no
such part in WebAssembly, so it would run on until the host ends the sandbox. Everything else that recurses is caught by CPython
itself, given a stack of 8 MiB (guest/python/README.md).
"""

import json.decoder
import re

# The scanner needs about 250 bytes of the host's stack for each level; this is a third of 8 MiB.
_MOST_LEVELS = 10_000
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = re.compile(r"[^][}{]+")


def install():
    decode = json.decoder.JSONDecoder.raw_decode

    def raw_decode(self, s, idx=0):
        if s.count("[") + s.count("{") > _MOST_LEVELS and _levels_exceed(s):
            raise RecursionError("maximum recursion depth exceeded while decoding JSON")
        return decode(self, s, idx)

    json.decoder.JSONDecoder.raw_decode = raw_decode


def _levels_exceed(text):
    """Whether brackets are nested deeper than `_MOST_LEVELS`; an ordinary document folds to nothing in a few passes."""
    brackets = _NOT_BRACKETS.sub("", _STRING.sub("", text))
    while len(brackets) > _MOST_LEVELS:
        folded = brackets.replace("[]", "").replace("{}", "")
        if len(folded) > len(brackets) * 0.9:
            return True
        brackets = folded
    return False
