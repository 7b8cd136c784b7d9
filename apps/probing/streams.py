"""Routes about wsgi.input and wsgi.errors.

  do=read      performs each `op` on wsgi.input, in order: `read`, `read:5`, `readline`, `readline:5`, `readlines`,
               `readlines:5`, `next` (one item of a new iterator), `lines` and `lines:2` (all items of one iterator, or
               that many), `pieces:5` (read(5) again and again and what is left at last, up to CONTENT_LENGTH) and
               `body` (to its end when wsgi.input_terminated is set or no length is known, else by CONTENT_LENGTH);
               answers with a JSON list of {op, type, value} or {op, raised}; what came in several parts is one value with
               the `parts` beside it, and its type is that of a part. Breaks no rule as long as it reads within
               CONTENT_LENGTH: `read`, `readlines` and `lines` without a number and what reads past the end ask for what
               a server should do but need not
  do=errors    writes `text` to wsgi.errors with write and with writelines and calls flush, each whatever became of the
               one before; answers with {raised, by}: the first error and the method that raised it. Breaks no rule
"""
from itertools import islice


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


def _pieces(environ, size):
    left, parts = int(environ.get('CONTENT_LENGTH') or 0), []
    while left > 0:
        part = environ['wsgi.input'].read(min(size, left))
        if not part:
            break
        left -= len(part)
        parts.append(part)
    return parts


def _perform(op, environ):
    name, _, size = op.partition(':')
    if name == 'body':
        return _whole_body(environ)
    if name == 'next':
        return next(iter(environ['wsgi.input']), b'')
    if name == 'lines':
        return list(islice(iter(environ['wsgi.input']), int(size) if size else None))
    if name == 'pieces':
        return _pieces(environ, int(size))
    method = getattr(environ['wsgi.input'], name)
    return method(int(size)) if size else method()


def _text(part):
    return part.decode('latin-1') if isinstance(part, bytes) else repr(part)


def _shown(value):
    if not isinstance(value, list):
        return {'type': type(value).__name__, 'value': _text(value)}
    odd = [part for part in value if type(part) is not bytes]
    parts = [_text(part) for part in value]
    return {'type': type(odd[0]).__name__ if odd else 'bytes', 'value': ''.join(parts), 'parts': parts}


def read(probe):
    done = []
    for op in probe.all('op'):
        try:
            shown = _shown(_perform(op, probe.environ))
        except Exception as error:  # what the stream raises is the finding
            done.append({'op': op, 'raised': '%s: %s' % (type(error).__name__, str(error)[:200])})
            probe.log('read', op=op, raised=type(error).__name__)
            continue
        done.append({'op': op, **shown})
        probe.log('read', op=op, bytes=len(shown['value']) if shown['type'] == 'bytes' else -1)
    return probe.answer(done)


def errors(probe):
    line = probe.one('text', '') + '\n'
    calls = (('write', (line,)), ('writelines', ([line],)), ('flush', ()))
    raised = by = None
    for name, arguments in calls:
        try:
            getattr(probe.environ['wsgi.errors'], name)(*arguments)
        except Exception as error:
            if raised is None:
                raised, by = '%s: %s' % (type(error).__name__, str(error)[:200]), name
    return probe.answer({'raised': raised, 'by': by})


ROUTES = (read, errors)
