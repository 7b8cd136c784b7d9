from gateway.checks import Checks
from gateway.faults import fault
from gateway.response import Response


@fault(
    'content-length.no-overrun',
    'sends a block whole that is longer than what Content-Length leaves',
    also=('file-wrapper.bounded',),
)
def _():
    Response.within_length = lambda self, data: data


@fault('content-length.stops-iterating', 'asks for every block, however many bytes Content-Length allows')
def _():
    Response.is_complete = lambda self: self.head_sent and self.is_bodyless()


@fault('content-length.write-past-raises', 'drops what is written past the Content-Length without an error')
def _():
    Response.refuse_write_past_length = lambda self: None


@fault('content-length.short-closes', 'leaves the connection open after too short a body')
def _():
    Response.persistent_after_short_body = lambda self: self.persistent


@fault('content-length.short-logged', 'logs nothing of too short a body')
def _():
    Response.log_short_body = lambda self: None


@fault('content-length.absent-framed', 'never sends chunks', observed=True)
def _():
    def until_close(self):
        self.framing = 'close'
        self.persistent = False
        return []

    Response.frame_uncounted = until_close


@fault(
    'content-length.absent-framed',
    'takes the first block for the whole body when the client cannot read chunks',
    name='cut',
    also=('chunked.compliant',),
)
def _():
    frame = Response.frame

    def counted(self, first):
        if first and self.declared_length() is None and self.request.version < (1, 1):
            self.framing, self.left = 'length', len(first)
            return [('Content-Length', str(self.left))]
        return frame(self, first)

    Response.frame = counted


@fault('content-length.auto-len-1', 'never determines a Content-Length', observed=True)
def _():
    Response.can_count = lambda self: False


@fault('content-length.auto-len-1', 'takes the length of the first of two blocks for Content-Length', name='wrong')
def _():
    Response.can_count = lambda self: self.items in (1, 2)


@fault('chunked.compliant', 'sends an empty block as an empty chunk, which ends the body')
def _():
    framed = Response.framed

    def send_item(self, data):
        if data or (self.head_sent and self.items is None):
            self.send_block(data)

    Response.send_item = send_item
    Response.framed = lambda self, data: framed(self, data) or (b'0\r\n\r\n' if self.framing == 'chunked' else b'')


@fault('app.no-transfer-encoding', "sends an application's Transfer-Encoding beside its own")
def _():
    check_head = Checks.check_head

    def check(self, status, headers):
        chunked = ('Transfer-Encoding', 'chunked')
        rest = [each for each in headers if each != chunked] if type(headers) is list else headers
        check_head(self, status, rest)

    Response.check_head = check


def hold_back(split):
    """Holds back a part of each block of a body without a length until the next block is there."""
    finish, send_item = Response.finish, Response.send_item

    def hold(self, data):
        if self.declared_length() is not None:
            return send_item(self, data)
        now, later = split(data)
        if later and not self.head_sent:
            self.send(self.commit(data))
        send_item(self, self.__dict__.pop('held', b''))
        send_item(self, now)
        self.held = later

    def send_all(self):
        send_item(self, self.__dict__.pop('held', b''))
        finish(self)

    Response.send_item = hold
    Response.finish = send_all


@fault(
    'stream.no-delay',
    'holds each block back until the next one is there',
    also=('stream.progress-while-app-works', 'iter.one-at-a-time'),
)
def _():
    hold_back(lambda data: (b'', data))


@fault('stream.progress-while-app-works', 'keeps the end of a big block until the next one is there')
def _():
    hold_back(lambda data: (data[:65536], data[65536:]))


class Held:
    """What is written, kept for later: all of it, or all but the first."""

    def __init__(self, but_the_first):
        write, send_item, finish = Response.write, Response.send_item, Response.finish

        def hold(response, data):
            send = response.send
            if response.head_sent or not but_the_first:
                response.send = response.__dict__.setdefault('written', []).append
            try:
                write(response, data)
            finally:
                response.send = send

        def release(response):
            for output in response.__dict__.pop('written', ()):
                response.send(output)

        def send_after(response, data):
            release(response)
            send_item(response, data)

        def finish_after(response):
            release(response)
            finish(response)

        Response.write = hold
        Response.finish = finish_after
        if not but_the_first:
            Response.send_item = send_after


@fault('write.sent-before-return', 'keeps what is written until the application has returned')
def _():
    Held(but_the_first=False)


@fault('write.before-iterable', 'sends what is written by a second write() after what is iterated over')
def _():
    Held(but_the_first=True)


@fault(
    'write.with-iterable',
    'takes what was written for the whole body',
    also=('write.before-iterable', 'write.sent-before-return', 'start-response.returns-write'),
)
def _():
    write, send_item = Response.write, Response.send_item

    def note(self, data):
        self.has_written = True
        write(self, data)

    Response.write = note
    Response.send_item = lambda self, data: None if hasattr(self, 'has_written') else send_item(self, data)


@fault('body.bytes-only', 'encodes str', observed=True)
def _():
    send_item = Response.send_item
    Response.check_block = lambda self, data: None
    Response.send_item = lambda self, data: send_item(self, data.encode() if isinstance(data, str) else data)
