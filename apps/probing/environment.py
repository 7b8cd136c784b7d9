"""Routes about the environ.

  do=environ   the environ as JSON: {exact, values, types, system}; values that are no strings are shown by `repr`;
               `system` names the variables of the process's own environment that have been put into it; the field
               X-Lab-Method is the request's method, for a HEAD
  do=hold      sleeps `seconds`, then answers with {multithread, multiprocess, run_once, pid, thread, began, ended}: a flag
               is null when it is not there, the times are seconds of the monotonic clock
  do=leave     sets and deletes keys of its environ; answers with what an earlier request left there

All of them break no rule. A request without a query may name the route in the field X-Lab-Query, written as a query.
"""
import os
import threading
import time


def environ(probe):
    values = {str(key): value if isinstance(value, str) else repr(value) for key, value in probe.environ.items()}
    types = {str(key): type(value).__name__ for key, value in probe.environ.items()}
    system = [name for name, value in sorted(os.environ.items()) if values.get(name) == value]
    shown = {'exact': type(probe.environ) is dict, 'values': values, 'types': types, 'system': system}
    return probe.answer(shown, [('X-Lab-Method', values.get('REQUEST_METHOD', ''))])


def hold(probe):
    began = time.monotonic()
    time.sleep(float(probe.one('seconds', '0')))
    flags = {}
    for name in ('multithread', 'multiprocess', 'run_once'):
        flag = probe.environ.get('wsgi.' + name)
        flags[name] = flag if flag is None else bool(flag)
    stamps = {'began': began, 'ended': time.monotonic()}
    return probe.answer({**flags, **stamps, 'pid': os.getpid(), 'thread': threading.get_ident()})


def leave(probe):
    left = [key for key in ('lab.left', 'HTTP_X_LAB_LEFT') if key in probe.environ]
    missing = [key for key in ('wsgi.version', 'wsgi.errors') if key not in probe.environ]
    probe.environ['lab.left'] = probe.environ['HTTP_X_LAB_LEFT'] = 'left by an earlier request'
    for key in ('wsgi.version', 'wsgi.errors'):
        probe.environ.pop(key, None)
    return probe.answer({'left': left, 'missing': missing, 'pid': os.getpid()})


ROUTES = (environ, hold, leave)
