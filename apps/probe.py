"""The probe: a raw WSGI application that does on request whatever a clause needs, and logs what it saw.

A request names a route with the query parameter `do` and itself with `nonce`; the path is free. Every response of
the probe carries `X-Probe: <nonce>` and, unless a `header` says otherwise, `Cache-Control: no-store`.

Routes
  /ready (a path), or no `do`    200 and `ready`
  do=environ   the environ as JSON: {exact, values, types}; values that are no strings are shown by `repr`
  do=hold      sleeps `seconds`, then answers with {multithread, multiprocess, run_once, pid}
  do=leave     sets and deletes keys of its environ; answers with what an earlier request left there
  do=read      performs each `op` on wsgi.input: `read`, `read:5`, `readline`, `readline:5`, `readlines:5`, `next` and
               `body` (to its end when wsgi.input_terminated is set or no length is known, else by CONTENT_LENGTH);
               answers with a JSON list of {op, type, value} or {op, raised}
  do=errors    writes `text` to wsgi.errors with write, writelines and flush; answers with {raised}
  do=respond   a response made to measure: `status`, `header` (repeatable, `Name: value`), `item` (repeatable, one
               block each), `repeat` (length of every item, by repetition), `pause` (seconds before what follows an
               item), `write` (repeatable, through write()), `fail=call` (raises before start_response) or `fail=N`
               (raises when item N, counted from 0, is asked for), `late` (start_response in the first iteration),
               `text` (items are str, which is a fault), `bare` (no Content-Type, no Cache-Control), `list` (returns
               a list instead of a logging iterable), `uncounted` (no Content-Length, which is otherwise the right
               one unless a `header` says another or the status allows none)
  do=rethink   calls start_response twice: `when=call` (before returning), `when=empty` (after an empty item) or
               `when=output` (after a block), the second time with exc_info; `when=twice` does without exc_info
Routes that break no rule of the specification: /ready, environ, hold, errors, `respond` without a faulty parameter,
`rethink` with when=call and when=empty, and `read` with an explicit size.

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
import json
import os
import sys
import threading
import time
from urllib.parse import parse_qs

_descriptors = {}


class ProbeError(Exception):
    """The error the probe raises on request, so that it can be told from any other."""


class Probe:
    """One request: its parameters and its events."""

    def __init__(self, environ, start_response):
        self.environ = environ
        self._start_response = start_response
        self._parameters = parse_qs(environ.get('QUERY_STRING', ''), keep_blank_values=True, encoding='utf-8')
        self.nonce = self.one('nonce', '')

    def one(self, name, default=None):
        return self._parameters.get(name, [default])[0]

    def all(self, name):
        return self._parameters.get(name, [])

    def has(self, name):
        return name in self._parameters

    def log(self, event, **details):
        path = self.environ.get('LAB_EVENTS') or os.environ.get('LAB_EVENTS')
        if not path:
            return
        key = (os.getpid(), path)  # a descriptor per process: a fork must not inherit the table's idea of who opened it
        if key not in _descriptors:
            _descriptors[key] = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        seen = dict(nonce=self.nonce, event=event, at=time.monotonic(), pid=os.getpid(), thread=threading.get_ident())
        # One write on an append-only descriptor: lines of several processes never mix.
        os.write(_descriptors[key], (json.dumps({**seen, **details}) + '\n').encode('ascii'))

    def start(self, status, headers, exc_info=None):
        self.log('start')
        try:
            if exc_info:
                write = self._start_response(status, headers, exc_info)
            else:
                write = self._start_response(status, headers)
        except BaseException as error:
            original = bool(exc_info) and error is exc_info[1]
            self.log('start-raised', type=type(error).__name__, message=str(error)[:200], original=original)
            raise
        finally:
            exc_info = None  # a traceback that refers to this frame would keep it alive
        self.log('started', write=callable(write))
        return write

    def headers(self, content_type='text/plain; charset=utf-8'):
        return [('Content-Type', content_type), ('Cache-Control', 'no-store'), ('X-Probe', self.nonce)]

    def answer(self, data):
        body = json.dumps(data).encode('ascii')
        self.start('200 OK', self.headers('application/json') + [('Content-Length', str(len(body)))])
        return [body]


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


def ready(probe):
    probe.start('200 OK', probe.headers() + [('Content-Length', '6')])
    return [b'ready\n']


def environ(probe):
    values = {str(key): value if isinstance(value, str) else repr(value) for key, value in probe.environ.items()}
    types = {str(key): type(value).__name__ for key, value in probe.environ.items()}
    return probe.answer({'exact': type(probe.environ) is dict, 'values': values, 'types': types})


def hold(probe):
    time.sleep(float(probe.one('seconds', '0')))
    flags = {name: bool(probe.environ.get('wsgi.' + name)) for name in ('multithread', 'multiprocess', 'run_once')}
    return probe.answer({**flags, 'pid': os.getpid()})


def leave(probe):
    left = [key for key in ('lab.left', 'HTTP_X_LAB_LEFT') if key in probe.environ]
    missing = [key for key in ('wsgi.version', 'wsgi.errors') if key not in probe.environ]
    probe.environ['lab.left'] = probe.environ['HTTP_X_LAB_LEFT'] = 'left by an earlier request'
    for key in ('wsgi.version', 'wsgi.errors'):
        probe.environ.pop(key, None)
    return probe.answer({'left': left, 'missing': missing, 'pid': os.getpid()})


def _whole_body(environ):
    stream = environ['wsgi.input']
    length = environ.get('CONTENT_LENGTH')
    if environ.get('wsgi.input_terminated') or not length:
        parts = []
        while True:
            part = stream.read(65536)
            if not part:
                return b''.join(parts)
            parts.append(part)
    left, parts = int(length), []
    while left > 0:
        part = stream.read(min(left, 65536))
        if not part:
            break
        left -= len(part)
        parts.append(part)
    return b''.join(parts)


def _perform(op, environ):
    if op == 'body':
        return _whole_body(environ)
    if op == 'next':
        return next(iter(environ['wsgi.input']), b'')
    name, _, size = op.partition(':')
    method = getattr(environ['wsgi.input'], name)
    value = method(int(size)) if size else method()
    return b''.join(value) if isinstance(value, list) else value


def read(probe):
    done = []
    for op in probe.all('op'):
        try:
            value = _perform(op, probe.environ)
        except Exception as error:  # what the stream raises is the finding
            done.append({'op': op, 'raised': '%s: %s' % (type(error).__name__, str(error)[:200])})
            probe.log('read', op=op, raised=type(error).__name__)
            continue
        shown = value.decode('latin-1') if isinstance(value, bytes) else repr(value)
        done.append({'op': op, 'type': type(value).__name__, 'value': shown})
        probe.log('read', op=op, bytes=len(value) if isinstance(value, bytes) else -1)
    return probe.answer(done)


def errors(probe):
    raised = None
    try:
        stream = probe.environ['wsgi.errors']
        stream.write(probe.one('text', '') + '\n')
        stream.writelines([probe.one('text', '') + '\n'])
        stream.flush()
    except Exception as error:
        raised = '%s: %s' % (type(error).__name__, str(error)[:200])
    return probe.answer({'raised': raised})


def respond(probe):
    if probe.one('fail') == 'call':
        probe.log('raising')
        raise ProbeError('asked to fail when called under nonce %s' % probe.nonce)
    status = probe.one('status', '200 OK')
    headers = [('X-Probe', probe.nonce)] if probe.has('bare') else probe.headers()
    headers += [tuple(header.split(': ', 1)) for header in probe.all('header')]
    repeat = int(probe.one('repeat', '1'))
    items = [item * repeat if probe.has('text') else item.encode('latin-1') * repeat for item in probe.all('item')]
    uncounted = probe.has('uncounted') or status[:3] in ('204', '304')
    if not uncounted and 'content-length' not in [name.lower() for name, _ in headers]:
        headers.append(('Content-Length', str(sum(map(len, items)) + sum(map(len, probe.all('write'))))))

    def start():
        write = probe.start(status, headers)
        for index, data in enumerate(probe.all('write')):
            probe.log('write', index=index)
            try:
                write(data.encode('latin-1'))
            except BaseException as error:
                probe.log('write-raised', type=type(error).__name__, message=str(error)[:200])
                raise

    if probe.has('late'):
        return Body(probe, items, before=start)
    start()
    return items if probe.has('list') else Body(probe, items)


def rethink(probe):
    when = probe.one('when')

    def first():
        probe.start('200 First', probe.headers() + [('X-First', 'first')])

    def second():
        headers = probe.headers() + [('X-Second', 'second')]
        if when != 'output':
            headers.append(('Content-Length', '7'))
        if when == 'twice':
            probe.start('299 Second', headers)
            return
        try:
            raise ProbeError('changed its mind under nonce %s' % probe.nonce)
        except ProbeError:
            probe.start('299 Second', headers, sys.exc_info())

    def stream():
        try:
            yield b'' if when == 'empty' else b'first\n'
            second()
            yield b'second\n'
        finally:
            probe.log('close')

    first()
    if when in ('empty', 'output'):
        return stream()
    second()
    return [b'second\n']


ROUTES = {function.__name__: function for function in (environ, hold, leave, read, errors, respond, rethink)}


def application(environ, start_response):
    probe = Probe(environ, start_response)
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
