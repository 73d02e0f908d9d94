# An uncaught exception: what was printed before it stays, the code is 1.
print("before")
raise RuntimeError("stop here")
