"""Routes about how the application is called and its result iterated over.

  do=given      answers with how many positional and which named arguments the application was called with:
                {positional, named}
  do=begin      calls start_response with `third`: `absent` (two arguments), `none` (None) or `error` (exc_info, in the
                first call); 299 and `begun`
  do=writer     `written` through what start_response returned, and ` returned`; the second alone names the type of what
                cannot be called
  do=clear      empties its environ, then answers `cleared`
  do=octets     each of the 256 byte values 256 times, then line endings of all kinds, each a block of its own
  do=iterate    returns its `item`s (repeatable), uncounted, as an iterable of this `kind`, which logs its close():
                  separate   its iterator is another object, without close()
                  sized      has a `__len__`, which says `len` when that is given (a fault unless it is right)
                  watched    logs each of its attributes that is looked up
  do=unstarted  yields the nonce without having called start_response, which is a fault
  do=nothing    returns None, which is a fault

Without a fault they break no rule. Events of their own:
  attribute    an attribute of the returned iterable was looked up on it: name
"""
import sys

from probing.asked import Body, ProbeError


def given(probe):
    return probe.answer(probe.given)


def begin(probe):
    headers = probe.headers() + [('Content-Length', '6')]
    third = probe.one('third')
    if third == 'error':
        try:
            raise ProbeError('begins with an error under nonce %s' % probe.nonce)
        except ProbeError:
            probe.start('299 Begun', headers, sys.exc_info())
    else:
        probe.start('299 Begun', headers, *([None] if third == 'none' else []))
    return [b'begun\n']


def writer(probe):
    write = probe.start('200 OK', probe.headers())
    if not callable(write):
        return [type(write).__name__.encode('ascii')]
    write(b'written')
    return [b' returned']


def clear(probe):
    probe.environ.clear()
    probe.start('200 OK', probe.headers() + [('Content-Length', '8')])
    return [b'cleared\n']


def octets(probe):
    items = [bytes(range(256)) * 256, b'\n', b'\r', b'\r\n', b'\n\r', b'\r\n\r\n', b'\n\n', b'\x00', b'\x1a\x04']
    probe.start('200 OK', probe.headers() + [('Content-Length', str(sum(map(len, items))))])
    return items


class Separate:
    def __init__(self, probe, items):
        self._probe = probe
        self._items = items

    def __iter__(self):
        return iter(self._items)

    def close(self):
        self._probe.log('close')


class Sized(Body):
    def __len__(self):
        return int(self._probe.one('len', len(self._items)))


def watched(probe, items):
    blocks = iter(items)

    class Watched:
        """What it needs is in no attribute of its own, so that all that are looked up are looked up by the server."""

        def __getattribute__(self, name):
            probe.log('attribute', name=name)
            return object.__getattribute__(self, name)

        def __iter__(self):
            return self

        def __next__(self):
            return next(blocks)

        def close(self):
            probe.log('close')

    return Watched()


KINDS = {'separate': Separate, 'sized': Sized, 'watched': watched}


def iterate(probe):
    probe.start('200 OK', probe.headers())
    return KINDS[probe.one('kind')](probe, [item.encode('latin-1') for item in probe.all('item')])


def unstarted(probe):
    return [probe.nonce.encode('latin-1')]


def nothing(probe):
    probe.start('200 OK', probe.headers())
    return None


ROUTES = (given, begin, writer, clear, octets, iterate, unstarted, nothing)
