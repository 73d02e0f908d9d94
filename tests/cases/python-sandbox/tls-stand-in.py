# Code that configures TLS runs; what the host cannot honour is refused.
import http.client
import ssl
import urllib.request

context = ssl.create_default_context()
context.minimum_version = ssl.TLSVersion.TLSv1_2
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
http.client.HTTPSConnection("example.com", context=context, timeout=5)
urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
print(ssl.HAS_SNI, issubclass(ssl.SSLCertVerificationError, ssl.SSLError))
try:
    context.load_cert_chain("client.pem")
except ssl.SSLError as error:
    print(error)
try:
    context.wrap_socket(object())
except ssl.SSLError as error:
    print(str(error).split(":")[0])
