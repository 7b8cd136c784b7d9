"""Gateways on demand, each in a process of its own that is forked from this one: a tenth of the work of a new Python.

Each line of standard input asks for one, in JSON: `id`, `words` (those of the command), `events` (the file LAB_EVENTS)
and `log` (the file that is its standard error). It is told of on standard output: `ID listening on HOST:PORT as PID`,
and `ID ended` when it has ended. All of them end with this process, however that ends.
"""
import json
import os
import signal
import sys
import threading
import traceback

_running = {}


def serve(run, arguments):
    """Forks a gateway for each line; `run(options, say)` is what a gateway does."""
    signal.signal(signal.SIGCHLD, _reap)
    ending, held = os.pipe()
    for line in sys.stdin:
        asked = json.loads(line)
        # Before the fork, so that none can end before it is known.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        pid = os.fork()
        if pid == 0:
            os.close(held)
            _be(asked, ending, run, arguments)
        _running[pid] = asked['id']
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _be(asked, ending, run, arguments):
    """What the new process does; it never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        os.dup2(os.open(asked['log'], os.O_WRONLY | os.O_APPEND | os.O_CREAT), 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ['LAB_EVENTS'] = asked['events']
        threading.Thread(target=lambda: (os.read(ending, 1), os._exit(0)), daemon=True).start()
        run(arguments(asked['words']), lambda text: _say('%d %s as %d' % (asked['id'], text, os.getpid())))
    except SystemExit as end:
        sys.stderr.write('' if isinstance(end.code, (int, type(None))) else '%s\n' % end.code)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


def _reap(*_):
    while _running:
        pid, _status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _say('%d ended' % _running.pop(pid))


def _say(text):
    # One write: the lines of several processes never mix.
    os.write(1, (text + '\n').encode())
