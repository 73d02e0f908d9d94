# Regular expressions over a log: mostly C in CPython.
import re

line = '10.0.{a}.{b} - - [12/Mar/2026:10:11:{b:02d}] "GET /api/v{a}/things/{b} HTTP/1.1" 200 {a}{b}'
log = "\n".join(line.format(a=i % 9, b=i % 60) for i in range(6000))
pattern = re.compile(r'^(\d+\.\d+\.\d+\.\d+) .*?\[([^\]]+)\] "(GET|POST) (\S+) [^"]*" (\d{3}) (\d+)$', re.MULTILINE)
total = 0
for _ in range(60):
    total += sum(int(found.group(6)) for found in pattern.finditer(log))
print(total, len(re.sub(r"/v\d+/", "/v0/", log)))
