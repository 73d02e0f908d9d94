# Octopus's helpers for scripts in Python. Put in front of a call of `_run`.
import base64 as _base64, json as _json, os as _os, sys as _sys

def _run(variables_path, script_path):
    with open(variables_path, encoding="utf-8") as file:
        octopusvariables = _json.load(file)
    folded = {name.lower(): value for name, value in octopusvariables.items()}

    def encode(text):
        return _base64.b64encode(str(text).encode()).decode()

    def decode(text):
        return _base64.b64decode(text).decode()

    def say(kind, /, **attributes):
        parts = "".join(f" {key}='{encode(value)}'" for key, value in attributes.items())
        print(f"##octopus[{kind}{parts}]", flush=True)

    def get_octopusvariable(name):
        return folded[name.lower()]

    def set_octopusvariable(name, value, sensitive=False):
        say("setVariable", name=name, value=value, sensitive=sensitive)

    def createartifact(path, fileName=None):
        path = _os.path.realpath(path)
        say("createArtifact", path=path, name=fileName or _os.path.basename(path), length=_os.path.getsize(path))

    def updateprogress(progress, message=""):
        say("progress", percentage=progress, message=message)

    def failstep(message=None):
        if message is not None:
            say("resultMessage", message=message)
        raise SystemExit(255)

    def level(name):
        def write(message, *more):
            print(f"##octopus[stdout-{name}]")
            print(message, *more)
            print("##octopus[stdout-default]", flush=True)
        return write

    names = dict(
        octopusvariables=octopusvariables, encode=encode, decode=decode, get_octopusvariable=get_octopusvariable,
        set_octopusvariable=set_octopusvariable, createartifact=createartifact, updateprogress=updateprogress,
        failstep=failstep, printverbose=level("verbose"), printhighlight=level("highlight"),
        printwait=level("wait"), printwarning=level("warning"),
        __name__="__main__", __file__=script_path, __builtins__=__builtins__,
    )
    _sys.argv = [script_path, *_sys.argv[1:]]
    with open(script_path, encoding="utf-8") as file:
        code = compile(file.read(), script_path, "exec")
    exec(code, names)
