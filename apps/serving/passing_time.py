"""Answers that tell the time, or take some: of the processor or of the clock."""

import time

from .responses import NO_STORE, text

# 2.0 ms with CPython 3.11 on a core that does 80 ns a round. Another machine takes another time for the same work.
ROUNDS = 25_000
WAIT_SECONDS = 0.02


def now(environ, start_response):
    return text(environ, start_response, "200 OK", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), [NO_STORE])


def compute(rounds):
    """A linear congruential generator's last number: bytecode of the interpreter's, which holds its lock throughout."""
    number = 1
    for _ in range(rounds):
        number = (number * 1103515245 + 12345) & 0x7FFFFFFF
    return number


def cpu(environ, start_response):
    return text(environ, start_response, "200 OK", f"{compute(ROUNDS):08x}", [NO_STORE])


def wait(environ, start_response):
    # Looked up in its module each time: Gunicorn's gevent worker replaces it by one that lets others run meanwhile.
    time.sleep(WAIT_SECONDS)
    return text(environ, start_response, "200 OK", "waited", [NO_STORE])
