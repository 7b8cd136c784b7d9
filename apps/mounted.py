"""A user's own application as it is: LAB_APP names it as FILE:callable, LAB_APP_PATH the folders of its modules.

Mounted in a server like any application. The lab's own questions whether the server is up are answered here, all others
by the application: one function call is all that stands between it and its server.

LAB_APP_STATICS, where it is set, names folders of its files as JSON, [["/prefix/", "/folder"]]: they are served here for
topologies whose web server does not serve them itself, so that the paths mean the same in all of them.

LAB_APP_BYTECODE is the folder for bytecode. What compiling takes of a process's memory is not given back, so of two
variants the one that happened to have bytecode beside its files would look smaller.
"""

import json
import os
import sys

from mounting.files import beside
from mounting.loading import load

sys.pycache_prefix = os.environ["LAB_APP_BYTECODE"]
sys.dont_write_bytecode = False

mounted = load(os.environ["LAB_APP"], os.environ.get("LAB_APP_PATH", ""))
if "LAB_APP_STATICS" in os.environ:
    mounted = beside(mounted, json.loads(os.environ["LAB_APP_STATICS"]))


def application(environ, start_response):
    if environ.get("PATH_INFO", "").startswith("/lab-ready-"):
        start_response("204 No Content", [])
        return []
    return mounted(environ, start_response)
