"""The component's entry: what componentize-py imports while building, and what it exports as `wasi:cli/run`.

Importing this module *is* the build: everything that exists afterwards is frozen into the image and is there,
for free, in every sandbox. Nothing here runs a script; that is `_seawall.start`.
"""

# What runs write to, taken before anything else is: near the memory's beginning. See `preload.freeze`.
room = [bytes(1 << 20)]

import sys

from wit_world import exports

from _seawall import image, preload, start


image.collect()
preload.everything()
image.seal()
preload.freeze(room)


# After everything, since its code is executed by all.
class Run(exports.Run):
    """`wasi:cli/run`, under the name that componentize-py looks for."""

    def run(self):
        start.main()
