"""Puts `connection` under http.client, urllib, urllib3 and requests.

TLS, name resolution, connecting and certificate checks belong to the host, so what these libraries would do about them
is taken out here; what remains is their own code. Proxies from the environment are ignored: a policy names destinations.
"""

import http.client
import socket
import ssl
import urllib.request

import requests.adapters
import requests.compat
import requests.utils
import urllib3.connection
import urllib3.exceptions
import urllib3.util.connection

from .connection import READ, Connection
from .exchange import ConnectTimeout


def install():
    _patch_http_client()
    _patch_urllib3()
    for module in (urllib.request, requests.utils, requests.compat):
        module.getproxies = module.getproxies_environment = _no_proxies
    requests.adapters.HTTPAdapter.cert_verify = _host_verifies
    requests.utils.should_bypass_proxies = lambda url, no_proxy: True


def _no_proxies():
    return {}


def _connect(address, timeout=None, source_address=None, **options):
    return Connection(address, timeout)


def _patch_http_client():
    original = http.client.HTTPConnection.__init__

    def __init__(self, *arguments, **options):
        original(self, *arguments, **options)
        self._create_connection = _connect

    http.client.HTTPConnection.__init__ = __init__


def _patch_urllib3():
    plain, secure = urllib3.connection.HTTPConnection, urllib3.connection.HTTPSConnection
    urllib3.util.connection.create_connection = lambda address, timeout=None, *rest, **options: Connection(address, timeout, fails_when=READ)
    plain.is_connected = property(lambda self: self.sock is not None)
    plain.request = _naming_failures(plain.request)
    plain.getresponse = _naming_failures(plain.getresponse)
    secure.connect = _connect_secure


def _connect_secure(self):
    if self.cert_file or self.key_file:
        raise ssl.SSLError(_NO_CLIENT_CERTIFICATE)
    self.sock = Connection((self.host, self.port), self.timeout, "https", READ)
    self._connecting_to_proxy = bool(self.proxy)
    self.is_verified = True
    self.proxy_is_verified = None


def _naming_failures(request):
    """urllib3 tells a connection that could not be made from one that broke by the exception's type; so does requests."""

    def call(self, *arguments, **options):
        try:
            return request(self, *arguments, **options)
        except socket.gaierror as error:
            raise urllib3.exceptions.NameResolutionError(self.host, self, error) from error
        except ConnectTimeout as error:
            text = f"Connection to {self.host} timed out. (connect timeout={self.timeout})"
            raise urllib3.exceptions.ConnectTimeoutError(self, text) from error
        except (PermissionError, ConnectionRefusedError) as error:
            raise urllib3.exceptions.NewConnectionError(self, f"Failed to establish a new connection: {error}") from error

    return call


_NO_CLIENT_CERTIFICATE = "client certificates are not possible in the sandbox: TLS is done by the host"


def _host_verifies(self, connection, url, verify, cert):
    if cert:
        raise OSError(_NO_CLIENT_CERTIFICATE)
