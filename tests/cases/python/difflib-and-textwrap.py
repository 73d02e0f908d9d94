# Showing what a configuration change does.
import difflib
import textwrap

before = "a=1\nb=2\nc=3\n".splitlines(keepends=True)
after = "a=1\nb=20\nc=3\nd=4\n".splitlines(keepends=True)
print("".join(difflib.unified_diff(before, after, "before", "after")), end="")
print(difflib.get_close_matches("enviroment", ["environment", "project"]))
print(textwrap.fill("The quick brown fox jumps over the lazy dog", 20))
print(textwrap.indent(textwrap.dedent("    x\n      y\n"), "> "), end="")
