# Dictionaries, sorting with a key, sets.
seed, rows = 42, []
for _ in range(200_000):
    seed = (seed * 1103515245 + 12345) % 2147483648
    rows.append((seed % 1000, seed))
groups = {}
for key, value in rows:
    groups.setdefault(key, []).append(value)
rows.sort(key=lambda row: (row[0], -row[1]))
print(len(groups), rows[0], rows[-1], len({value % 5000 for _, value in rows}))
