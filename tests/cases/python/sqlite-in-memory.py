# A small database for a report.
import sqlite3

with sqlite3.connect(":memory:") as db:
    db.row_factory = sqlite3.Row
    db.execute("create table deploys (id integer primary key, app text, ok integer)")
    db.executemany("insert into deploys (app, ok) values (?, ?)", [("web", 1), ("web", 0), ("db", 1)])
    for row in db.execute("select app, count(*) as n, sum(ok) as ok from deploys group by app order by app"):
        print(dict(row))
    try:
        db.execute("insert into deploys (id) values (1)")
    except sqlite3.IntegrityError as error:
        print("refused:", error)
