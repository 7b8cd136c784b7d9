"""Routes about wsgi.file_wrapper, and about what else a server offers beside WSGI itself.

  do=wrapper     calls wsgi.file_wrapper with a file, then with a file and a block size, drops what it gets and answers
                 with {offered, calls: [{arguments, raised}]}; no rule is broken
  do=file        returns what wsgi.file_wrapper makes of `content` (times `repeat`) in a file of the `kind` file (a temporary
                 file), memory (a BytesIO) or bare (an object that has nothing but read()); parameters that are present:
                 `seek` (position before the call), `skip` (bytes read before the call), `move` (position after the call),
                 `block` (the second argument), `length` (a Content-Length), `instead=other` (drops the wrapper and returns
                 another body), `instead=capitals` (returns an iterable of its own, as middleware would: what the wrapper
                 gives, in capitals, and closes it); no rule is broken.
                 Without wsgi.file_wrapper the answer has the field `X-Wrapper: not offered`
  do=extensions  what the server has put into the environ beside CGI and WSGI that can be called or is a socket, as a JSON
                 list of {name, type, callable, socket}; no rule is broken

Events: `wrapped` (wsgi.file_wrapper returned: closes tells whether what it returned has a close()), `wrap-raised` (type,
message), `file-close` (close() of the file), and `close` of the iterable with instead=capitals
"""
import io
import socket
import tempfile

OWN = ('wsgi.errors', 'wsgi.file_wrapper', 'wsgi.input')


class Logged:
    """A file that logs its close(); everything else is that of the file within."""

    def __init__(self, probe, stream):
        self._probe = probe
        self._stream = stream

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def __iter__(self):
        return iter(self._stream)

    def read(self, size=-1):
        return self._stream.read(size)

    def close(self):
        self._probe.log('file-close')
        self._stream.close()


class Bare:
    """As little as a file-like object may be."""

    def __init__(self, stream):
        self._stream = stream

    def read(self, size=-1):
        return self._stream.read(size)


class Capitals:
    """What a body gives, in capitals: the least that a middleware does."""

    def __init__(self, probe, body):
        self._probe = probe
        self._body = body

    def __iter__(self):
        for part in self._body:
            yield part.upper()

    def close(self):
        self._probe.log('close')
        if hasattr(self._body, 'close'):
            self._body.close()


def _opened(probe):
    """The file that is to be wrapped, and the stream within it."""
    content = probe.one('content', '').encode('latin-1') * int(probe.one('repeat', '1'))
    kind = probe.one('kind', 'file')
    stream = tempfile.TemporaryFile() if kind == 'file' else io.BytesIO()
    stream.write(content)
    stream.seek(int(probe.one('seek', '0')))
    stream.read(int(probe.one('skip', '0')))
    return stream, Bare(stream) if kind == 'bare' else Logged(probe, stream)


def file(probe):
    wrap = probe.environ.get('wsgi.file_wrapper')
    if wrap is None:
        probe.start('200 OK', probe.headers() + [('X-Wrapper', 'not offered'), ('Content-Length', '0')])
        return []
    other = probe.one('instead') == 'other'
    headers = probe.headers('application/octet-stream')
    if other or probe.has('length'):
        headers.append(('Content-Length', '6' if other else probe.one('length')))
    probe.start('200 OK', headers)
    stream, wrapped = _opened(probe)
    try:
        body = wrap(wrapped, int(probe.one('block'))) if probe.has('block') else wrap(wrapped)
    except Exception as error:
        probe.log('wrap-raised', type=type(error).__name__, message=str(error)[:200])
        raise
    probe.log('wrapped', closes=hasattr(body, 'close'))
    if probe.has('move'):
        stream.seek(int(probe.one('move')))
    if other:
        stream.close()
        return [b'other\n']
    return Capitals(probe, body) if probe.one('instead') == 'capitals' else body


def wrapper(probe):
    wrap = probe.environ.get('wsgi.file_wrapper')
    calls = []
    for more in () if wrap is None else ((), (4096,)):
        raised = None
        try:
            wrap(io.BytesIO(b'a file'), *more)
        except Exception as error:  # what it raises is the finding
            raised = '%s: %s' % (type(error).__name__, str(error)[:200])
        calls.append({'arguments': 1 + len(more), 'raised': raised})
    return probe.answer({'offered': wrap is not None, 'calls': calls})


def extensions(probe):
    found = []
    for name, value in probe.environ.items():
        is_socket = isinstance(value, socket.socket) or hasattr(value, 'recv')
        if name not in OWN and (callable(value) or is_socket):
            shown = {'name': name, 'type': type(value).__name__, 'callable': callable(value), 'socket': is_socket}
            found.append(shown)
    return probe.answer(found)


ROUTES = (file, wrapper, extensions)
