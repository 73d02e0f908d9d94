# Reading, filtering and writing CSV.
import csv
import io

text = 'name,port,note\nweb,80,"a, ""quoted"" note"\ndb,5432,"two\nlines"\n'
rows = list(csv.DictReader(io.StringIO(text)))
print(rows[0]["note"], repr(rows[1]["note"]))
with open("out.csv", "w", newline="") as file:
    writer = csv.writer(file, delimiter=";", lineterminator="\n")
    writer.writerow(["name", "port"])
    writer.writerows((row["name"], int(row["port"]) + 1) for row in rows)
print(open("out.csv").read(), end="")
print(csv.Sniffer().sniff("a|b|c\n1|2|3\n").delimiter)
