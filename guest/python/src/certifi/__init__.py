"""Stands in for certifi: the host verifies certificates against its own roots, so there is no bundle to point at.

`where` names a file that doesn't exist; libraries that only pass it on work, ones that open it get a clear error.
"""

__version__ = "0.0.0"


def where():
    return "/usr/lib/python3.14/site-packages/certifi/cacert.pem"


def contents():
    return ""
