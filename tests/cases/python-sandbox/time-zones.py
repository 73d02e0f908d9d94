# Time zones are in the image; local time is UTC.
import datetime
import time
import zoneinfo

noon = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.timezone.utc)
for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata"):
    print(name, noon.astimezone(zoneinfo.ZoneInfo(name)).isoformat())
print(len(zoneinfo.available_timezones()) > 400, time.tzname[0], noon.astimezone().utcoffset())
try:
    zoneinfo.ZoneInfo("Mars/Base")
except zoneinfo.ZoneInfoNotFoundError as error:
    print("unknown", error)
