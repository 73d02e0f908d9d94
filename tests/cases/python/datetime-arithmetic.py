# Dates: parsing, formatting, arithmetic, offsets.
from datetime import date, datetime, timedelta, timezone

released = datetime(2024, 2, 28, 23, 30, tzinfo=timezone.utc)
print((released + timedelta(days=1, hours=1)).isoformat())
print(released.astimezone(timezone(timedelta(hours=-5))).strftime("%Y-%m-%d %H:%M:%S %z"))
print(datetime.fromisoformat("2024-03-01T10:00:00+02:00").timestamp())
print(datetime.strptime("05 Mar 2024", "%d %b %Y").date().isocalendar()[:2])
print((date(2024, 12, 25) - date(2024, 1, 1)).days, date(2024, 2, 29).strftime("%A %j"))
print(timedelta(seconds=93784), released > datetime(2024, 1, 1, tzinfo=timezone.utc))
