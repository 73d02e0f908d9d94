"""`hashlib.pbkdf2_hmac`, which CPython only has where it has OpenSSL. Slower than that: a million rounds take seconds.

`hashlib.scrypt` stays absent: in Python it would be too slow to be of use.
"""

import hashlib
import hmac


def install():
    hashlib.pbkdf2_hmac = pbkdf2_hmac


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """RFC 8018, section 5.2, with the keyed state of HMAC computed once."""
    if iterations < 1:
        raise ValueError("iteration value must be greater than 0.")
    keyed = hmac.new(bytes(password), digestmod=hash_name)
    length = keyed.digest_size if dklen is None else dklen
    if length < 1:
        raise ValueError("key length must be greater than 0.")
    derived = b""
    block = 0
    while len(derived) < length:
        block += 1
        piece = _keyed(keyed, bytes(salt) + block.to_bytes(4, "big"))
        mixed = int.from_bytes(piece, "big")
        for _ in range(iterations - 1):
            piece = _keyed(keyed, piece)
            mixed ^= int.from_bytes(piece, "big")
        derived += mixed.to_bytes(keyed.digest_size, "big")
    return derived[:length]


def _keyed(state, data):
    state = state.copy()
    state.update(data)
    return state.digest()
