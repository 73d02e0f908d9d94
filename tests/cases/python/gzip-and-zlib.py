# Compressed logs.
import gzip
import io
import zlib

text = "line of a log\n" * 1000
with gzip.open("log.gz", "wt") as file:
    file.write(text)
with gzip.open("log.gz", "rt") as file:
    print(sum(1 for _ in file))
print(zlib.decompress(zlib.compress(text.encode(), 9)) == text.encode())
decompressor = zlib.decompressobj()
packed = zlib.compress(b"streamed" * 100)
print(len(b"".join(decompressor.decompress(packed[i:i + 7]) for i in range(0, len(packed), 7))))
print(gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(b"x"))).read())
