# A script that brings its own modules and packages.
import importlib
import os
import sys

os.makedirs("lib/tools", exist_ok=True)
with open("lib/tools/__init__.py", "w") as file:
    file.write("from .inner import answer\n__version__ = '1.2'\n")
with open("lib/tools/inner.py", "w") as file:
    file.write("def answer():\n    return 42\n")
sys.path.insert(0, os.path.join(os.getcwd(), "lib"))
import tools

print(tools.answer(), tools.__version__, os.path.relpath(tools.__file__))
print(importlib.import_module("tools.inner").__name__, "tools.inner" in sys.modules)
try:
    import not_there
except ModuleNotFoundError as error:
    print(error)
