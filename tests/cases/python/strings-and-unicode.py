# Text in every form.
import locale
import sys
import unicodedata

print("größe".upper(), "ß".casefold(), len("é"), unicodedata.normalize("NFD", "é").encode())
print(f"{'left':<8}|{'right':>8}|{'mid':^7}|{1234567.891:,.1f}|{255:#06x}|{0.256:.1%}|{'q'!r}")
with open("text.txt", "w") as file:
    file.write("naïve ☃\n")
print(open("text.txt", "rb").read())
print("日本語".encode("utf-16-le").hex(), b"\xff\xfe".decode("latin-1"), "x\udc80".encode("utf-8", "surrogateescape"))
print("a\tb".expandtabs(4), "a,b,,c".split(","), "  x ".strip(), "v1.2".removeprefix("v"), "ab".translate({97: "z"}))
print(sys.getfilesystemencoding(), "%s is %05.1f" % ("pi", 3.14159))
