"""Routes about start_response and exc_info.

  do=start     calls start_response with `status`, the header `name` with `value` before the probe's own, and
               `as`=tuple|generator|subclass|lists|number|bytes: a tuple or a generator of tuples, a subclass of list, a
               list of lists, an int or bytes for the value; `hold`: seconds before it returns an iterable of one block,
               `body` and the nonce; `again`: catches what start_response raised and calls it once more, without a
               fault. Breaks no rule with a lawful status, name and value, and without `as` and `again`
  do=rethink   calls start_response twice: `when=call` (before returning), `when=empty` (after an empty item) or
               `when=output` (after a block), the second time with exc_info; `when=twice` does without exc_info
  do=forget    calls start_response with exc_info, drops the exception and answers with {held}: whether anybody else
               still refers to it. Breaks no rule
  do=keep      answers with one block, and logs what became of the list of headers that it passed. Breaks no rule

Events of their own
  list         the list of headers, when start_response had returned and once more when the iterable is closed: when,
               changed
"""
import json
import sys
import time
import weakref

from probing.asked import Body, ProbeError


class HeaderList(list):
    """A list that is not `list` itself."""


def start(probe):
    value = probe.one('value', 'one')
    shape = probe.one('as')
    if shape == 'number':
        value = int(value)
    elif shape == 'bytes':
        value = value.encode('latin-1')
    body = ('body ' + probe.nonce).encode('ascii')
    # The proof comes last: it is lost where the field before it ends the head.
    fields = [(probe.one('name', 'X-Lab'), value), ('Content-Length', str(len(body)))] + probe.headers()
    shaped = {
        'tuple': tuple,
        'generator': iter,
        'subclass': HeaderList,
        'lists': lambda pairs: [list(pair) for pair in pairs],
    }.get(shape, list)
    try:
        probe.start(probe.one('status', '200 OK'), shaped(fields))
    except Exception:
        if not probe.has('again'):
            raise
        probe.start('200 OK', fields[1:])
    if probe.has('hold'):
        time.sleep(float(probe.one('hold')))
    return Body(probe, [body])


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


def forget(probe):
    # As long in both cases: the length is passed before it is known which it is.
    answers = [json.dumps({'held': held}).encode('ascii').ljust(16) for held in (False, True)]

    def start_in_handler():
        # In a frame of its own, so that nothing here refers to the exception when it returns.
        try:
            raise ProbeError('to be forgotten, under nonce %s' % probe.nonce)
        except ProbeError as error:
            headers = probe.headers('application/json') + [('Content-Length', '16')]
            probe.start('200 OK', headers, sys.exc_info())
            return weakref.ref(error)

    return [answers[start_in_handler()() is not None]]


class Kept(Body):
    """An iterable that looks at the list of headers when it is closed."""

    def __init__(self, probe, items, look):
        super().__init__(probe, items)
        self._look = look

    def close(self):
        self._look('close')
        super().close()


def keep(probe):
    headers = probe.headers() + [('Content-Length', '4')]
    passed = list(headers)

    def look(when):
        probe.log('list', when=when, changed=headers != passed)

    probe.start('200 OK', headers)
    look('started')
    return Kept(probe, [b'body'], look)


ROUTES = (start, rethink, forget, keep)
