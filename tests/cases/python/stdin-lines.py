# Standard input that is empty.
import sys

print(repr(sys.stdin.read()))
try:
    input("prompt> ")
except EOFError:
    print("end of input")
