# What a sandbox doesn't have says so, in an exception that scripts can handle.
import multiprocessing
import os
import subprocess
import threading

for call in (lambda: subprocess.run(["git", "status"]), lambda: subprocess.check_output("ls", shell=True), lambda: os.system("ls"), lambda: os.popen("ls"), lambda: multiprocessing.Process(target=print, name="twin").start()):
    try:
        call()
    except OSError as error:
        print(type(error).__name__, str(error).split(":")[0], repr(error.filename))
try:
    threading.Thread(target=print).start()
except RuntimeError as error:
    print(str(error).split(";")[0])
try:
    threading.Event().wait()
except RuntimeError as error:
    print(str(error).split(":")[0])
print(threading.Event().wait(0.01))
