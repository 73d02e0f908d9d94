# Reading a binary header.
import array
import io
import struct

header = struct.pack("<4sHIq", b"PKG1", 2, 70000, -5)
print(header.hex(), struct.calcsize("<4sHIq"), struct.unpack("<4sHIq", header))
stream = io.BytesIO(header)
print(stream.read(4), int.from_bytes(stream.read(2), "little"))
numbers = array.array("I", [1, 2, 3])
print(numbers.tobytes().hex(), memoryview(bytearray(b"abcdef"))[2:4].tobytes())
