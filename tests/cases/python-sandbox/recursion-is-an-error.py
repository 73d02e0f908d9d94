# Recursion without end is a RecursionError, whatever recurses.
import copy
import json
import sys


class Endless:
    def __repr__(self):
        return repr(self)

    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __eq__(self, other):
        return self == other

    def __hash__(self):
        return 1


def forever():
    return forever()


nested = []
for _ in range(3000):
    nested = [nested]
cases = {
    "function": forever,
    "repr": lambda: repr(Endless()),
    "getattr": lambda: Endless().a,
    "eq": lambda: Endless() == 1,
    "sorted": lambda: (lambda f: f(f))(lambda f: sorted([1, 2], key=lambda _: f(f))),
    "json": lambda: json.loads("[" * 100_000),
    "deepcopy": lambda: copy.deepcopy(nested),
}
for name, call in cases.items():
    try:
        print(name, call())
    except RecursionError:
        print(name, "RecursionError")
sys.setrecursionlimit(60_000)
print((lambda f: f(f, 50_000))(lambda f, n: n and f(f, n - 1)))
