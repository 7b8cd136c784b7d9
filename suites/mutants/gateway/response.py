"""One response: start_response, write() and what is sent when."""
from gateway.head import Head


class Response(Head):
    def __init__(self, request, stream, send, log):
        self.request = request
        self.stream = stream
        self.send = send
        self.log = log
        self.called = False  # start_response was called, even if it raised
        self.status = None
        self.headers = []
        self.items = None  # how many the iterable says it has
        self.head_sent = False
        self.framing = None  # 'length', 'chunked', 'close' or 'none', once the head is sent
        self.left = 0  # bytes that Content-Length still allows
        self.persistent = request.is_persistent()

    # What the application calls

    def start_response(self, status, headers, exc_info=None, /):
        try:
            if exc_info is None:
                self.refuse_second_call()
            elif self.head_sent:
                self.reraise(exc_info)
            self.called = True
            self.forget_head()
            self.check_head(status, headers)
            self.store_head(status, headers)
            return self.write
        finally:
            exc_info = None  # it holds the traceback, that this frame, that it

    def refuse_second_call(self):
        if self.called:
            raise AssertionError('start_response was called a second time, without exc_info')

    def reraise(self, exc_info):
        try:
            raise exc_info[1].with_traceback(exc_info[2])
        finally:
            exc_info = None

    def forget_head(self):
        self.status = None
        self.headers = []

    def store_head(self, status, headers):
        self.status = status
        self.headers = list(headers)

    def write(self, data, /):
        self.check_block(data)
        past_end = self.remaining() is not None and len(data) > self.remaining()
        self.items = None  # only what is iterated over can be counted
        self.send_block(data)
        if past_end:
            self.refuse_write_past_length()

    def refuse_write_past_length(self):
        raise ValueError('write() past the Content-Length')

    # What the gateway calls

    def check_block(self, data):
        if not isinstance(data, bytes):
            raise TypeError('a block of type %s, not bytes' % type(data).__name__)

    def send_item(self, data):
        """An item of the iterable: only one that is not empty sends the head."""
        if data:
            self.send_block(data)

    def send_block(self, data):
        """Sends a block whole, together with the head if that is still to be sent."""
        head = b'' if self.head_sent else self.commit(data)
        allowed = self.within_length(data)
        if self.framing == 'length':
            self.left -= len(allowed)
        output = head + (b'' if self.is_bodyless() else self.framed(allowed))
        if output:
            self.send(output)

    def within_length(self, data):
        if self.framing != 'length' or len(data) <= self.left:
            return data
        self.log('the application gave more than its Content-Length')
        return data[: self.left]

    def framed(self, data):
        if self.framing == 'chunked' and data:
            return b'%x\r\n%s\r\n' % (len(data), data)
        return data

    def is_complete(self):
        """Whether nothing that may still come can be sent."""
        return self.head_sent and (self.is_bodyless() or (self.framing == 'length' and self.left == 0))

    def finish(self):
        """The iterable is exhausted, or enough of it was sent."""
        if not self.head_sent:
            self.send(self.commit(None))
        if self.is_bodyless():
            return
        if self.framing == 'chunked':
            self.send(self.last_chunk())
        if self.framing == 'length' and self.left:
            self.persistent = self.persistent_after_short_body()
            self.log_short_body()

    def last_chunk(self):
        return b'0\r\n\r\n'

    def persistent_after_short_body(self):
        return False

    def log_short_body(self):
        self.log('the application gave %d bytes less than its Content-Length' % self.left)
