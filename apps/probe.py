"""The probe: a raw WSGI application that does on request whatever a clause needs, and logs what it saw.

A request names a route with the query parameter `do` and itself with `nonce`; the path is free. Every response of
the probe carries `X-Probe: <nonce>` and, unless a `header` says otherwise, `Cache-Control: no-store`.
`/ready` (a path) or no `do` gives 200 and `ready`; the other routes are in the modules of `probing/`, which say for each
what it takes. Mount `application`; `application_method`, `application_class`, `application_instance` and
`application_partial` are the same application as the other kinds of callable that PEP 3333 names.

Routes that break no rule of the specification: /ready, environ, hold, errors, `respond` without a faulty parameter,
`rethink` with when=call and when=empty, `read` with an explicit size, and those that say so of themselves.

Events, one JSON line each in the file that LAB_EVENTS names (environment or environ): nonce, event, at (seconds of the
monotonic clock), pid, thread and details
  called           the application was called: method, path, protocol, multithread, multiprocess
  start            start_response is about to be called
  started          it returned; `write` says whether it returned a callable
  start-raised     it raised: type, message, original (the exception that exc_info held came back)
  write            write() is about to be called: index
  write-raised     it raised: type, message
  next             the server asks for item `index`
  end              the server asked for an item after the last one
  raising          the application is about to raise an exception of its own
  close            close() of the returned iterable
  read             wsgi.input was read: op, bytes
"""
import functools
import os
import sys

# Whoever loads this file by its path alone need not know of the modules beside it.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from probing import calling, environment, files, responses, starting, streams  # noqa: E402
from probing.asked import Probe  # noqa: E402

ROUTES = {
    route.__name__: route
    for module in (calling, environment, files, responses, starting, streams)
    for route in module.ROUTES
}


def ready(probe):
    probe.start('200 OK', probe.headers() + [('Content-Length', '6')])
    return [b'ready\n']


def application(*positional, **named):
    # Takes whatever it is given, so that a server which gives something else is seen to do so.
    environ, start_response = [*positional, *named.values()][:2]
    probe = Probe(environ, start_response, len(positional), named)
    probe.log(
        'called',
        method=environ.get('REQUEST_METHOD'),
        path=environ.get('PATH_INFO'),
        protocol=environ.get('SERVER_PROTOCOL'),
        multithread=bool(environ.get('wsgi.multithread')),
        multiprocess=bool(environ.get('wsgi.multiprocess')),
    )
    route = probe.one('do')
    if route is None:
        return ready(probe)
    if route not in ROUTES:
        probe.start('404 Not Found', probe.headers() + [('Content-Length', '14')])
        return [b'no such route\n']
    return ROUTES[route](probe)


class Mounted:
    """The application as an instance whose class has `__call__`, and as a method."""

    def __call__(self, environ, start_response):
        return application(environ, start_response)

    def method(self, environ, start_response):
        return application(environ, start_response)


class application_class:  # noqa: N801, a callable among callables
    """The application as a class: calling it makes the iterable."""

    def __init__(self, environ, start_response):
        self._result = application(environ, start_response)

    def __iter__(self):
        return iter(self._result)

    def close(self):
        if hasattr(self._result, 'close'):
            self._result.close()


application_instance = Mounted()
application_method = Mounted().method
application_partial = functools.partial(application)
