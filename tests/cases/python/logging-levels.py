# Logging to standard output and to a file, with a configuration.
import logging
import logging.config
import sys

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
log = logging.getLogger("deploy.web")
log.debug("not shown")
log.info("started %s of %d", "one", 2)
try:
    1 / 0
except ZeroDivisionError:
    log.error("failed: %s", sys.exc_info()[1])
file = logging.FileHandler("run.log", mode="w")
file.setFormatter(logging.Formatter("%(levelno)s|%(message)s"))
log.addHandler(file)
log.warning("to both")
logging.shutdown()
print(open("run.log").read(), end="")
logging.config.dictConfig({
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"short": {"format": "%(levelname).1s %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "short"}},
    "root": {"level": "WARNING", "handlers": ["out"]},
})
logging.warning("configured")
