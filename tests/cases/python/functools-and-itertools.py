# Caches, reductions, groupings.
import collections
import functools
import itertools
import operator

lines = ["web ok", "db failed", "web failed", "cache ok"]
pairs = sorted((line.split() for line in lines), key=operator.itemgetter(1, 0))
for state, group in itertools.groupby(pairs, key=lambda pair: pair[1]):
    print(state, [name for name, _ in group])
print(collections.Counter(line.split()[0] for line in lines).most_common(1))
print(functools.reduce(operator.mul, range(1, 8)), list(itertools.islice(itertools.count(5, 5), 3)))


@functools.cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


print(fibonacci(90), fibonacci.cache_info().hits)
ordered = collections.OrderedDict.fromkeys("bacab")
print(list(ordered), list(collections.ChainMap({"a": 1}, {"a": 2, "b": 3}).items()))
