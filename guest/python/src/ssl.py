"""Stands in for the standard library's `ssl`: the names and objects that HTTP clients touch on their way to TLS.

No cryptography happens here. The host does TLS for HTTP and always verifies: settings that would weaken it are
accepted and have no effect, settings it cannot honour (client certificates, TLS over a plain socket) raise SSLError.
"""

import base64
import enum
import socket as _socket
from collections import namedtuple

OPENSSL_VERSION = "OpenSSL 3.0.0 (a stand-in: TLS is done by the Seawall host)"
OPENSSL_VERSION_NUMBER = 0x30000000
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
HAS_SNI = HAS_ALPN = HAS_ECDH = HAS_TLSv1_2 = HAS_TLSv1_3 = HAS_NEVER_CHECK_COMMON_NAME = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_PSK = HAS_PHA = False
SOCKET_ERROR = _socket.error
CHANNEL_BINDING_TYPES = []
PEM_HEADER = "-----BEGIN CERTIFICATE-----"
PEM_FOOTER = "-----END CERTIFICATE-----"
RAND_status = lambda: True

_NOT_HERE = "TLS over a plain socket is not possible in the sandbox: use http.client, urllib, requests, where the host does it"


class SSLError(OSError):
    """The base of TLS failures, as in the standard library."""

    library = None
    reason = None

    def __str__(self):
        return str(self.args[1] if len(self.args) > 1 else self.args[0] if self.args else "")


class SSLZeroReturnError(SSLError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


class SSLCertVerificationError(SSLError, ValueError):
    verify_code = 1
    verify_message = "verified by the host"


CertificateError = SSLCertVerificationError


class VerifyMode(enum.IntEnum):
    CERT_NONE = 0
    CERT_OPTIONAL = 1
    CERT_REQUIRED = 2


class TLSVersion(enum.IntEnum):
    MINIMUM_SUPPORTED = -2
    SSLv3 = 768
    TLSv1 = 769
    TLSv1_1 = 770
    TLSv1_2 = 771
    TLSv1_3 = 772
    MAXIMUM_SUPPORTED = -1


class _SSLMethod(enum.IntEnum):
    PROTOCOL_TLS = 2
    PROTOCOL_SSLv23 = 2
    PROTOCOL_TLSv1 = 3
    PROTOCOL_TLSv1_1 = 4
    PROTOCOL_TLSv1_2 = 5
    PROTOCOL_TLS_CLIENT = 16
    PROTOCOL_TLS_SERVER = 17


class Options(enum.IntFlag):
    OP_ALL = 0x80000050
    OP_NO_SSLv2 = 0
    OP_NO_SSLv3 = 1 << 25
    OP_NO_TLSv1 = 1 << 26
    OP_NO_TLSv1_1 = 1 << 28
    OP_NO_TLSv1_2 = 1 << 27
    OP_NO_TLSv1_3 = 1 << 29
    OP_NO_COMPRESSION = 1 << 17
    OP_NO_TICKET = 1 << 14
    OP_NO_RENEGOTIATION = 1 << 30
    OP_CIPHER_SERVER_PREFERENCE = 1 << 22
    OP_SINGLE_DH_USE = 0
    OP_SINGLE_ECDH_USE = 0
    OP_IGNORE_UNEXPECTED_EOF = 1 << 7
    OP_LEGACY_SERVER_CONNECT = 1 << 2
    OP_ENABLE_MIDDLEBOX_COMPAT = 1 << 20


class VerifyFlags(enum.IntFlag):
    VERIFY_DEFAULT = 0
    VERIFY_CRL_CHECK_LEAF = 4
    VERIFY_CRL_CHECK_CHAIN = 12
    VERIFY_X509_STRICT = 32
    VERIFY_ALLOW_PROXY_CERTS = 64
    VERIFY_X509_TRUSTED_FIRST = 32768
    VERIFY_X509_PARTIAL_CHAIN = 0x80000


class Purpose(enum.Enum):
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"


class AlertDescription(enum.IntEnum):
    ALERT_DESCRIPTION_CLOSE_NOTIFY = 0
    ALERT_DESCRIPTION_HANDSHAKE_FAILURE = 40
    ALERT_DESCRIPTION_INTERNAL_ERROR = 80


class SSLErrorNumber(enum.IntEnum):
    SSL_ERROR_SSL = 1
    SSL_ERROR_WANT_READ = 2
    SSL_ERROR_WANT_WRITE = 3
    SSL_ERROR_WANT_X509_LOOKUP = 4
    SSL_ERROR_SYSCALL = 5
    SSL_ERROR_ZERO_RETURN = 6
    SSL_ERROR_WANT_CONNECT = 7
    SSL_ERROR_EOF = 8


for _kind in (VerifyMode, _SSLMethod, Options, VerifyFlags, AlertDescription, SSLErrorNumber):
    globals().update(_kind.__members__)

DefaultVerifyPaths = namedtuple("DefaultVerifyPaths", "cafile capath openssl_cafile_env openssl_cafile openssl_capath_env openssl_capath")


def get_default_verify_paths():
    return DefaultVerifyPaths(None, None, "SSL_CERT_FILE", "", "SSL_CERT_DIR", "")


class SSLContext:
    """Holds what a script sets; the host decides what counts."""

    sslsocket_class = None
    sslobject_class = None

    def __init__(self, protocol=PROTOCOL_TLS_CLIENT):
        self.protocol = protocol
        self.check_hostname = protocol == PROTOCOL_TLS_CLIENT
        self.verify_mode = CERT_REQUIRED if self.check_hostname else CERT_NONE
        self.verify_flags = VERIFY_DEFAULT
        self.options = OP_ALL
        self.minimum_version = TLSVersion.TLSv1_2
        self.maximum_version = TLSVersion.MAXIMUM_SUPPORTED
        self.post_handshake_auth = False
        self.hostname_checks_common_name = False
        self.keylog_filename = None
        self.sni_callback = None

    def load_default_certs(self, purpose=Purpose.SERVER_AUTH):
        pass

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        pass

    def set_default_verify_paths(self):
        pass

    def set_ciphers(self, ciphers):
        pass

    def set_alpn_protocols(self, protocols):
        pass

    def set_ecdh_curve(self, name):
        pass

    def get_ca_certs(self, binary_form=False):
        return []

    def get_ciphers(self):
        return []

    def cert_store_stats(self):
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        raise SSLError(1, "client certificates are not possible in the sandbox: TLS is done by the host")

    def wrap_socket(self, sock, server_side=False, do_handshake_on_connect=True, suppress_ragged_eofs=True, server_hostname=None, session=None):
        # An HTTP connection (see `_seawall.connection`) only has to be told; the handshake is the host's.
        if not hasattr(sock, "scheme") or server_side:
            raise SSLError(1, _NOT_HERE)
        sock.scheme = "https"
        return sock

    def wrap_bio(self, *arguments, **options):
        raise SSLError(1, _NOT_HERE)


class SSLSocket(_socket.socket):
    def __init__(self, *arguments, **options):
        raise TypeError(_NOT_HERE)


class SSLObject:
    def __init__(self, *arguments, **options):
        raise TypeError(_NOT_HERE)


class MemoryBIO:
    def __init__(self):
        raise SSLError(1, _NOT_HERE)


class SSLSession:
    pass


SSLContext.sslsocket_class = SSLSocket
SSLContext.sslobject_class = SSLObject


def create_default_context(purpose=Purpose.SERVER_AUTH, *, cafile=None, capath=None, cadata=None):
    return SSLContext(PROTOCOL_TLS_CLIENT if purpose == Purpose.SERVER_AUTH else PROTOCOL_TLS_SERVER)


def _create_unverified_context(protocol=PROTOCOL_TLS_CLIENT, **ignored):
    context = SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = CERT_NONE
    return context


_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context


def get_server_certificate(address, **options):
    raise SSLError(1, _NOT_HERE)


def DER_cert_to_PEM_cert(der):
    text = base64.b64encode(der).decode("ascii")
    return "\n".join([PEM_HEADER, *(text[i:i + 64] for i in range(0, len(text), 64)), PEM_FOOTER, ""])


def PEM_cert_to_DER_cert(pem):
    body = pem.strip().removeprefix(PEM_HEADER).removesuffix(PEM_FOOTER)
    return base64.decodebytes(body.encode("ascii"))


def cert_time_to_seconds(text):
    from calendar import timegm
    from time import strptime
    return timegm(strptime(text, "%b %d %H:%M:%S %Y GMT"))
