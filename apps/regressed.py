"""pages.py with a regression planted in it, which a gate is to find (`npm run bench:gate`). LAB_REGRESSION chooses it:

  cpu=N      runs an empty loop N times for each request
  lock=S     holds a lock that all requests want for S seconds, as if another service were asked under it
  sleep=S    sleeps for S seconds in each request
  leak=N     keeps N bytes of each request for ever

Without it nothing is planted, so that both sides of a gate run the same code.
"""

import os
import sys
import threading
import time
from itertools import repeat

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from pages import application as pages  # noqa: E402

kind, _, size = os.environ.get("LAB_REGRESSION", "cpu=0").partition("=")
amount = float(size)
lock = threading.Lock()
kept = []


def burn():
    for _ in repeat(None, int(amount)):
        pass


def hold():
    with lock:
        time.sleep(amount)


def keep():
    kept.append(os.urandom(int(amount)))


plant = {"cpu": burn, "lock": hold, "sleep": lambda: time.sleep(amount), "leak": keep}[kind]


def application(environ, start_response):
    plant()
    return pages(environ, start_response)
