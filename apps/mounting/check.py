"""Loads the application that apps/mounted.py mounts, and says as JSON on standard output what came of it.

    LAB_APP=/path/app.py:application LAB_APP_BYTECODE=/folder python check.py

Either {"files": [...]}: where every module came from that was loaded; or {"refused": {kind, happened, todo}}.
"""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from mounting.loading import Refused  # noqa: E402

# What the application prints must not mix with what is said here.
said = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
try:
    import mounted  # noqa: F401
except Refused as refused:
    json.dump({"refused": {"kind": refused.kind, "happened": refused.happened, "todo": refused.todo}}, said)
else:
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    json.dump({"files": sorted({file for file in files if isinstance(file, str)})}, said)
said.flush()
# A thread that the application left running must not keep the process.
os._exit(0)
