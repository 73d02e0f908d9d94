# Encoding secrets and blobs.
import base64
import binascii
import zlib

data = "pässwörd\n".encode()
print(base64.b64encode(data).decode(), base64.urlsafe_b64encode(bytes(range(250, 256))).decode())
print(binascii.hexlify(data).decode(), base64.b32encode(b"abc").decode())
print(base64.b64decode("aGk=") == b"hi", f"{zlib.crc32(data):08x}")
try:
    base64.b64decode("abc")
except binascii.Error as error:
    print("error:", error)
