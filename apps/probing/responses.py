"""A response made to measure.

  do=respond   `status`, `header` (repeatable, `Name: value`), `item` (repeatable, one block each), `repeat` (length of
               every item, by repetition), `pause` (seconds before what follows an item, the end as well), `gap` (seconds
               between two items), `write` (repeatable, through write()), `linger` (seconds after each write()),
               `fail=call` (raises before start_response) or `fail=N` (raises when item N, counted from 0, is asked for),
               `late` (start_response in the first iteration), `text` (items are str, which is a fault), `bare` (no
               Content-Type, no Cache-Control), `list` (returns a list instead of a logging iterable), `uncounted` (no
               Content-Length, which is otherwise the right one unless a `header` says another or the status allows none)
"""
import time

from probing.asked import Body, ProbeError


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
            time.sleep(float(probe.one('linger', '0')))

    if probe.has('late'):
        return Body(probe, items, before=start)
    start()
    return items if probe.has('list') else Body(probe, items)


ROUTES = (respond,)
