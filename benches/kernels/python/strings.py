# Building, splitting, replacing and formatting text.
total = 0
for n in range(2000):
    lines = [f"host-{i:04d}.example.com = {i * n % 977}" for i in range(400)]
    text = "\n".join(lines).replace("example", "acme").upper()
    total += sum(len(line.split(" = ")[1].strip()) for line in text.splitlines())
print(total)
