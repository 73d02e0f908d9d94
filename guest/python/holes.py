#!/usr/bin/env python3
"""Takes what is free among the image's objects from the allocator: a run then allocates in one place, and not in a hole here and a
hole there, each of which costs it a private copy of a page.

    holes.py python.wasm      rewrites the file in place, and says how many holes there were

The allocator is the C library's: Doug Lea's malloc 2.8.6, with pointers of 32 bits and in chunks of 16 bytes. A chunk that it had on a
list becomes one that is in use, by nobody. What is larger than any hole stays: it is the room that `preload.freeze` made.
An image in which that isn't found as it must be is refused.
"""

import sys
from pathlib import Path

from memory import Memory

# What is free in one piece from this size on is no hole.
ROOM_BYTES = 1 << 16

# `struct malloc_state`, as it begins: offsets in bytes.
SMALL_MAP, TREE_MAP, VICTIM_BYTES, TOP_BYTES, VICTIM, TOP, SMALL_BINS = 0, 4, 8, 12, 20, 24, 40
N_SMALL_BINS = N_TREE_BINS = 32
TREE_BINS = SMALL_BINS + 2 * (N_SMALL_BINS + 1) * 4

# `struct malloc_tree_chunk`: what precedes it, its size and flags, its neighbours of the same size, its children.
HEAD, NEXT, LEFT, RIGHT = 4, 8, 16, 20
PREVIOUS_IN_USE, IN_USE, FLAGS = 1, 2, 7


class Allocator:
    """The allocator's state in an image, which is looked for by its empty lists: each is its own first and last entry."""

    def __init__(self, memory):
        self.memory = memory
        self.n_holes = self.n_bytes = 0
        found = [state for state in range(0, len(memory) - TREE_BINS, 4) if self._is_state(state)]
        if len(found) != 1:
            raise SystemExit(f"holes.py: {len(found)} places look like the allocator's state, not one")
        self.state = found[0]

    def _is_state(self, state):
        word = self.memory.word
        return (
            # Lists for chunks of 0 and 8 bytes: there never are any.
            all(word(state + SMALL_BINS + at + link) == state + SMALL_BINS + at for at in (0, 8) for link in (8, 12))
            and 0 < word(state + TOP) < len(self.memory) - HEAD
            and word(word(state + TOP) + HEAD) == word(state + TOP_BYTES) | PREVIOUS_IN_USE
        )

    def fill(self):
        self._fill_small_bins()
        self._fill_tree_bins()
        size = self.memory.word(self.state + VICTIM_BYTES)
        if 0 < size < ROOM_BYTES:
            self._fill(self.memory.word(self.state + VICTIM), size)
            self.memory.set_word(self.state + VICTIM_BYTES, 0)
            self.memory.set_word(self.state + VICTIM, 0)

    def _fill_small_bins(self):
        word = self.memory.word
        for index in range(N_SMALL_BINS):
            if not word(self.state + SMALL_MAP) >> index & 1:
                continue
            end = self.state + SMALL_BINS + 8 * index
            chunk = word(end + NEXT)
            while chunk != end:
                following = word(chunk + NEXT)
                self._fill(chunk, 8 * index)
                chunk = following
            for link in (8, 12):
                self.memory.set_word(end + link, end)
        self.memory.set_word(self.state + SMALL_MAP, 0)

    def _fill_tree_bins(self):
        word = self.memory.word
        for index in range(N_TREE_BINS):
            tree_map = word(self.state + TREE_MAP)
            bin = self.state + TREE_BINS + 4 * index
            if tree_map >> index & 1 and self._size(word(bin)) < ROOM_BYTES:
                self._fill_tree(word(bin))
                self.memory.set_word(bin, 0)
                self.memory.set_word(self.state + TREE_MAP, tree_map & ~(1 << index))

    def _fill_tree(self, root):
        if root == 0:
            return
        word = self.memory.word
        ring, chunk = [root], word(root + NEXT)
        while chunk != root:
            ring.append(chunk)
            chunk = word(chunk + NEXT)
        left, right = word(root + LEFT), word(root + RIGHT)
        for chunk in ring:
            self._fill(chunk, self._size(root))
        self._fill_tree(left)
        self._fill_tree(right)

    def _size(self, chunk):
        return self.memory.word(chunk + HEAD) & ~FLAGS

    def _fill(self, chunk, size):
        """Marks one as in use, where it says so itself and where what follows it does."""
        word = self.memory.word
        head, following = word(chunk + HEAD), chunk + size
        if head != size | PREVIOUS_IN_USE or word(following) != size or word(following + HEAD) & PREVIOUS_IN_USE:
            raise SystemExit(f"holes.py: what is free at {chunk:#x} isn't as it must be")
        self.memory.set_word(chunk + HEAD, head | IN_USE)
        self.memory.set_word(following + HEAD, word(following + HEAD) | PREVIOUS_IN_USE)
        self.n_holes += 1
        self.n_bytes += size


def main(path):
    memory = Memory(path)
    allocator = Allocator(memory)
    allocator.fill()
    memory.save()
    print(f"guest/python: {allocator.n_holes} holes are filled, {allocator.n_bytes} bytes")


main(Path(sys.argv[1]))
