"""The names that an Octopus Python script finds without importing anything, as builtins.

They speak to the server in service messages: through the messages file where there is one, on standard output where there
is not (guest/README.md, "The contract"). They behave like Calamari's; `set_octopusvariable` also shows its value to the rest of the script.
Nothing is opened before a helper is called.
"""

import base64
import builtins
import json
import os
import sys

_VARIABLES = "/seawall/variables.json"
_MESSAGES = "/seawall/out/messages"


class _Messages:
    """Where service messages go; decided at the first one."""

    def __init__(self):
        self._descriptor = None
        self._is_decided = False

    def send(self, message, /, **attributes):
        fields = "".join(f' {key}="{encode(value)}"' for key, value in attributes.items() if value is not None)
        line = f"##octopus[{message}{fields}]\n"
        sys.stdout.flush()  # what was printed before comes before
        if not self._is_decided:
            self._is_decided = True
            try:
                self._descriptor = os.open(_MESSAGES, os.O_WRONLY)
            except OSError:
                pass
        if self._descriptor is None:
            sys.stdout.write(line)
            sys.stdout.flush()
        else:
            os.write(self._descriptor, line.encode())


_messages = _Messages()


class _Variables(dict):
    """`octopusvariables`: read from the file at the first use, and every question by name is told to the host."""

    _is_loaded = False

    def _load(self):
        if self._is_loaded:
            return
        self._is_loaded = True
        try:
            with open(_VARIABLES, encoding="utf-8") as file:
                values = json.load(file)
        except FileNotFoundError:
            return
        for name, value in values.items():
            dict.setdefault(self, name, value)

    def _asked(self, name):
        if isinstance(name, str):
            _messages.send("seawall-variable-read", name=name)
        self._load()

    def __getitem__(self, name):
        self._asked(name)
        return dict.__getitem__(self, name)

    def get(self, name, default=None):
        self._asked(name)
        return dict.get(self, name, default)

    def __contains__(self, name):
        self._asked(name)
        return dict.__contains__(self, name)

    def setdefault(self, name, default=None):
        self._asked(name)
        return dict.setdefault(self, name, default)


def _loaded_first(method):
    def call(self, *arguments, **options):
        self._load()
        return method(self, *arguments, **options)

    call.__name__ = method.__name__
    return call


for _name in ("__iter__", "__len__", "__repr__", "__eq__", "__ne__", "__or__", "__ror__", "__reversed__", "__delitem__", "keys", "items",
              "values", "copy", "pop", "popitem", "clear"):
    setattr(_Variables, _name, _loaded_first(getattr(dict, _name)))

octopusvariables = _Variables()


def encode(value):
    return base64.b64encode(str(value).encode("utf-8")).decode("ascii")


def decode(value):
    return base64.b64decode(value.encode("utf-8")).decode("utf-8")


def get_octopusvariable(key):
    return octopusvariables[key]


def set_octopusvariable(name, value, sensitive=False):
    octopusvariables[name] = value
    _messages.send("setVariable", name=name, value=value, sensitive="True" if sensitive else None)


def createartifact(path, fileName=None):
    name = os.path.basename(path) if fileName is None else fileName
    length = os.stat(path).st_size if os.path.isfile(path) else 0
    print(f"Collecting {name} as an artifact...")
    _messages.send("createArtifact", path=os.path.abspath(path), name=name, length=length)


def updateprogress(progress, message=None):
    _messages.send("progress", percentage=progress, message="" if message is None else message)


def failstep(message=None):
    if message is not None:
        _messages.send("resultMessage", message=message)
    sys.exit(-1)


def _at_level(level):
    def show(message):
        _messages.send(f"stdout-{level}")
        print(message, flush=True)
        _messages.send("stdout-default")

    show.__name__ = show.__qualname__ = f"print{level}"
    return show


printverbose = _at_level("verbose")
printhighlight = _at_level("highlight")
printwait = _at_level("wait")
printwarning = _at_level("warning")


def install():
    for name in ("octopusvariables", "get_octopusvariable", "set_octopusvariable", "createartifact", "updateprogress", "failstep",
                 "printverbose", "printhighlight", "printwait", "printwarning", "encode", "decode"):
        setattr(builtins, name, globals()[name])
