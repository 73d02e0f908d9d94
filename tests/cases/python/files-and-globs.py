# Making a tree, finding files, deleting it.
import glob
import os
import pathlib
import shutil

root = pathlib.Path("site")
for name in ("index.html", "css/a.css", "css/b.css", "js/deep/x.js"):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(name.upper())
print(sorted(str(p) for p in root.rglob("*.css")), sorted(glob.glob("site/**/*.js", recursive=True)))
for directory, names, files in sorted(os.walk("site")):
    print(directory, sorted(names), sorted(files))
shutil.copytree("site", "copy", ignore=shutil.ignore_patterns("*.js"))
print(sorted(p.as_posix() for p in pathlib.Path("copy").rglob("*") if p.is_file()))
shutil.move("copy/index.html", "copy/home.html")
print((pathlib.Path("copy") / "home.html").read_text(), pathlib.PurePosixPath("a/b/../c.tar.gz").suffixes)
shutil.rmtree("site")
print(os.path.exists("site"), os.path.isdir("copy"))
