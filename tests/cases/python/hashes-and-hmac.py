# Checksums of packages and signatures of requests.
import hashlib
import hmac

with open("package.bin", "wb") as file:
    file.write(bytes(range(256)) * 1000)
for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
    digest = hashlib.new(name)
    with open("package.bin", "rb") as file:
        while block := file.read(8192):
            digest.update(block)
    print(name, digest.hexdigest()[:32])
signature = hmac.new(b"secret", b"body", hashlib.sha256).hexdigest()
print(signature, hmac.compare_digest(signature, signature))
print(hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 1000).hex()[:16])
with open("package.bin", "rb") as file:
    print(hashlib.file_digest(file, "sha256").hexdigest()[:16])
