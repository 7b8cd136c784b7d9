"""Lints the application that LAB_LINT_APP names, in this process. Events go to what was standard output.

    LAB_LINT_APP=/path/app.py:application python in_process.py PATH ...
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from linting.call import writer  # noqa: E402
from mounting.loading import Refused, load  # noqa: E402
from linting.second_opinion import second_opinion  # noqa: E402
from linting.situations import Lint  # noqa: E402


def main(paths):
    # What the application prints must not mix with the events.
    write = writer(os.dup(1))
    os.dup2(2, 1)
    try:
        application = load(os.environ["LAB_LINT_APP"], os.environ.get("LAB_LINT_PATH", ""))
    except Refused as refused:
        write({"nonce": "", "event": "refused", "kind": refused.kind, "saw": refused.happened, "todo": refused.todo})
        return
    lint = Lint(application, write)
    firsts = {path: lint.usual(path) for path in paths}
    sound = {path: first for path, first in firsts.items() if first is not None}
    for path, first in sound.items():
        lint.sparse(path)
        lint.hop_by_hop(path)
        lint.cut_short(path, first.seconds)
        lint.client_gone(path)
    for path in paths:
        second_opinion(application, path, lint.notes("under wsgiref.validate", path))
    for path in sound:
        lint.meddling(path)
    write({"nonce": "", "event": "done", "python": sys.version.split()[0]})


main(sys.argv[1:])
sys.stdout.flush()
# A thread that the application left running must not keep the process.
os._exit(0)
