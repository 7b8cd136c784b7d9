"""A user's own application, watched: LAB_LINT_APP names it as FILE:callable, LAB_EVENTS the file for what is seen.

Mounted in a server like any application. The lab's own questions whether the server is up are answered here.
"""

import os

from linting.call import writer
from linting.checker import Checker
from mounting.loading import load

_descriptors = {}


def write(event):
    # Opened by each process for itself, after the server has forked.
    if os.getpid() not in _descriptors:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        _descriptors[os.getpid()] = writer(os.open(os.environ["LAB_EVENTS"], flags, 0o666))
    _descriptors[os.getpid()](event)


checker = Checker(load(os.environ["LAB_LINT_APP"], os.environ.get("LAB_LINT_PATH", "")), write)


def application(environ, start_response):
    if environ.get("PATH_INFO", "").startswith("/lab-ready-"):
        start_response("204 No Content", [])
        return []
    return checker(environ, start_response)
