# Substituting variables and parsing log lines.
import re
import string

template = "Server=#{Db.Host};Port=#{Db.Port};Keep=#{Unknown}"
values = {"Db.Host": "db1", "Db.Port": "5432"}
print(re.sub(r"#\{([^}]+)\}", lambda match: values.get(match[1], match[0]), template))
line = '10.0.0.1 - - [10/Oct/2024:13:55:36] "GET /a?b HTTP/1.1" 200 2326'
match = re.match(r'(?P<ip>\S+) .* "(?P<verb>[A-Z]+) (?P<path>\S+)[^"]*" (?P<status>\d{3})', line)
print(match.groupdict())
print(re.split(r"[,;]\s*", "a, b;c"), re.findall(r"\bv(\d+)\.(\d+)\b", "v1.2 and v10.20"))
print(re.compile(r"""
    ^(\d+) \. (\d+)   # major and minor
    (?: - (\w+) )?$   # label
""", re.VERBOSE).match("1.2-beta").groups())
print(string.Template("Hello $name, $$5 ${what}").safe_substitute(name="x"))
