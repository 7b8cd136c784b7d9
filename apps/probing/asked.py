"""One request to the probe: its parameters, its events, its ordinary answers."""
import json
import os
import threading
import time
from urllib.parse import parse_qs

_descriptors = {}


class ProbeError(Exception):
    """The error the probe raises on request, so that it can be told from any other."""


class Probe:
    """One request: its parameters and its events."""

    def __init__(self, environ, start_response, positional=2, named=()):
        self.environ = environ
        self.given = {'positional': positional, 'named': sorted(named)}
        self._start_response = start_response
        self._events = environ.get('LAB_EVENTS') or os.environ.get('LAB_EVENTS')  # before a route changes its environ
        # A request that is to have no query names its parameters in the field X-Lab-Query.
        query = environ.get('QUERY_STRING') or environ.get('HTTP_X_LAB_QUERY', '')
        self._parameters = parse_qs(query, keep_blank_values=True, encoding='utf-8')
        self.nonce = self.one('nonce', '')

    def one(self, name, default=None):
        return self._parameters.get(name, [default])[0]

    def all(self, name):
        return self._parameters.get(name, [])

    def has(self, name):
        return name in self._parameters

    def log(self, event, **details):
        if not self._events:
            return
        # A descriptor per process: a fork must not inherit the table's idea of who opened it.
        key = (os.getpid(), self._events)
        if key not in _descriptors:
            _descriptors[key] = os.open(self._events, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        seen = dict(nonce=self.nonce, event=event, at=time.monotonic(), pid=os.getpid(), thread=threading.get_ident())
        # One write on an append-only descriptor: lines of several processes never mix.
        os.write(_descriptors[key], (json.dumps({**seen, **details}) + '\n').encode('ascii'))

    def start(self, status, headers, *exc_info):
        """Calls start_response with exactly these arguments, two or three."""
        self.log('start')
        try:
            write = self._start_response(status, headers, *exc_info)
        except BaseException as error:
            original = any(each and error is each[1] for each in exc_info)
            self.log('start-raised', type=type(error).__name__, message=str(error)[:200], original=original)
            raise
        finally:
            exc_info = None  # a traceback that refers to this frame would keep it alive
        self.log('started', write=callable(write))
        return write

    def headers(self, content_type='text/plain; charset=utf-8'):
        return [('Content-Type', content_type), ('Cache-Control', 'no-store'), ('X-Probe', self.nonce)]

    def answer(self, data, headers=()):
        body = json.dumps(data).encode('ascii')
        self.start('200 OK', [*self.headers('application/json'), ('Content-Length', str(len(body))), *headers])
        # What a server leaves of it on a kept connection would be taken for the next answer.
        return [] if self.environ.get('REQUEST_METHOD') == 'HEAD' else [body]


class Body:
    """An iterable that logs every item it is asked for and its close()."""

    def __init__(self, probe, items, before=None):
        self._probe = probe
        self._items = items
        self._before = before
        self._index = 0

    def __iter__(self):
        return self

    def __next__(self):
        index = self._index
        self._index += 1
        if index == 0 and self._before:
            self._before()
        if index and self._probe.has('pause'):
            time.sleep(float(self._probe.one('pause')))
        if 0 < index < len(self._items):
            time.sleep(float(self._probe.one('gap', '0')))
        if self._probe.one('fail') == str(index):
            self._probe.log('raising')
            raise ProbeError('asked to fail at item %d under nonce %s' % (index, self._probe.nonce))
        if index >= len(self._items):
            self._probe.log('end')
            raise StopIteration
        self._probe.log('next', index=index)
        return self._items[index]

    def close(self):
        self._probe.log('close')
