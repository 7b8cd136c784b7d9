from types import GeneratorType

from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.file_wrapper import FileWrapper
from gateway.response import Response


@fault('app.returns-iterable', 'takes None for an empty body', observed=True)
def _():
    before = Exchange.iterate
    Exchange.iterate = lambda self, result: before(self, [] if result is None else result)


@fault('iter.one-at-a-time', 'sends every block but the first only when it has the next one')
def _():
    def late(result):
        held = None
        for index, item in enumerate(result):
            if held is not None:
                yield held
            if index == 0:
                yield item
            else:
                held = item
        if held is not None:
            yield held

    before = Exchange.iterate

    def iterate(self, result):
        before(self, result if hasattr(result, '__len__') else late(result))

    Exchange.iterate = iterate


@fault('body.binary-safe', 'changes an empty line within a body')
def _():
    before = Response.send_item
    Response.send_item = lambda self, data: before(self, data.replace(b'\r\n\r\n', b'\n\r\n\r'))


@fault('body.may-transfer-code', 'ends a body of unknown length with the connection', observed=True)
def _():
    def frame_uncounted(self):
        self.framing = 'close'
        self.persistent = False
        return []

    Response.frame_uncounted = frame_uncounted


@fault('body.may-transfer-code', 'says that chunks are coded twice', name='twice', also=('chunked.compliant',))
def _():
    before = Response.frame_uncounted

    def frame_uncounted(self):
        coded = before(self)
        return [(name, value.replace('chunked', 'chunked, chunked')) for name, value in coded]

    Response.frame_uncounted = frame_uncounted


@fault('iter.len-accurate', 'fails when empty items are a part of the length of an iterable')
def _():
    send_item, before = Response.send_item, Exchange.iterate

    def counting(self, data):
        self.filled += bool(data)
        send_item(self, data)

    def iterate(self, result):
        before(self, result)
        if self.response.items not in (None, 0, self.response.filled) and not self.response.is_complete():
            raise ValueError('%d items of %d' % (self.response.filled, self.response.items))

    Response.filled = 0
    Response.send_item, Exchange.iterate = counting, iterate


@fault('iter.len-accurate', 'makes nothing of the length of an iterable', name='unused', observed=True)
def _():
    Exchange.count = lambda self, result: None


@fault('app.start-before-first-bytes', 'says 200 when the application says nothing')
def _():
    before = Response.commit

    def commit(self, first):
        self.status = self.status or '200 OK'
        return before(self, first)

    Response.commit = commit


@fault('app.start-before-first-bytes', 'sends a body without a head', name='headless')
def _():
    before = Response.commit

    def commit(self, first):
        if self.status is not None:
            return before(self, first)
        self.head_sent = True
        self.persistent = False
        self.framing = 'close'
        self.status = '200 OK'
        return b''

    Response.commit = commit


@fault('iter.late-start-response', 'wants start_response called before it iterates')
def _():
    before = Exchange.iterate

    def iterate(self, result):
        if not self.response.called:
            raise AssertionError('start_response was not called')
        before(self, result)

    Exchange.iterate = iterate


@fault('iter.no-foreign-attributes', 'asks the iterable whether it is a file')
def _():
    before = Exchange.iterate

    def iterate(self, result):
        hasattr(result, 'fileno')
        before(self, result)

    Exchange.iterate = iterate


# Without it nothing can be said of the others.
CLOSES = ('iter.close-on-iterable', 'iter.close-head-and-bodyless', 'iter.close-app-error', 'iter.close-exactly-once')


@fault('iter.close-normal', 'does not call close() after a complete response', also=('file-wrapper.close', *CLOSES))
def _():
    Exchange.close_after_success = lambda self: None


@fault('iter.close-normal', 'calls close() of an iterator before it iterates', also=CLOSES, name='early')
def _():
    before = Exchange.iterate

    def iterate(self, result):
        # Generators would end there, and files give nothing more.
        if iter(result) is result and not isinstance(result, (GeneratorType, FileWrapper)):
            self.close()
            self.close = lambda: None
        before(self, result)

    Exchange.iterate = iterate


@fault('iter.close-on-iterable', 'calls close() of the iterator', also=('file-wrapper.close',))
def _():
    before = Exchange.close

    def close(self):
        self.result = iter(self.result or ())
        before(self)

    Exchange.close = close


@fault('iter.close-head-and-bodyless', 'does not call close() after a response without a body')
def _():
    before = Exchange.close_after_success

    def close_after_success(self):
        if not self.response.is_bodyless():
            before(self)

    Exchange.close_after_success = close_after_success


@fault('iter.close-app-error', 'does not call close() when the iteration failed')
def _():
    Exchange.close_after_error = lambda self: None


@fault('iter.close-disconnect', 'does not call close() when the client has gone away')
def _():
    Exchange.close_after_disconnect = lambda self: None


@fault('iter.close-exactly-once', 'calls close() twice')
def _():
    before = Exchange.close_after_success

    def close_after_success(self):
        before(self)
        before(self)

    Exchange.close_after_success = close_after_success
