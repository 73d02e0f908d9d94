# Exit handlers run last, in reverse, and the code is sys.exit's.
import atexit
import sys

atexit.register(print, "first registered")
atexit.register(print, "second registered")
print("leaving")
sys.exit(3)
