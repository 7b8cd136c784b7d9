from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.response import Response


# What fails in its first iteration has then begun a response already.
@fault('start-response.no-transmit', 'sends a head with a Content-Length at once', also=['error.before-output'])
def _():
    store = Response.store_head

    def send_at_once(self, status, headers):
        store(self, status, headers)
        if self.declared_length():
            self.send(self.commit(b''))

    Response.store_head = send_at_once


@fault('start-response.defer-until-body', 'sends the head with the first item, even an empty one')
def _():
    Response.send_item = Response.send_block


def is_unexpectedly_empty(response):
    """Nobody had said that this body would be empty."""
    said = response.is_bodyless() or response.declared_length() is not None or response.items is not None
    return not response.head_sent and not said


@fault('start-response.empty-body', 'closes the connection when an iterable ends without a block')
def _():
    finish = Response.finish

    def nothing(self):
        if is_unexpectedly_empty(self):
            self.persistent = False
        else:
            finish(self)

    Response.finish = nothing


@fault('start-response.empty-body', 'gives an empty body a byte', name='filled')
def _():
    finish = Response.finish

    def fill(self):
        if is_unexpectedly_empty(self):
            self.send_block(b'\n')
        finish(self)

    Response.finish = fill


@fault('start-response.cl0-exception', 'sends a head with Content-Length: 0 before its iterable ends', observed=True)
def _():
    send = Response.send_item

    def send_at_once(self, data):
        if data == b'' and self.declared_length() == 0:
            self.send_block(data)
        else:
            send(self, data)

    Response.send_item = send_at_once


@fault(
    'start-response.second-call-fatal',
    'takes a second call without exc_info for one with it',
    also=['start-response.second-call-after-error'],
)
def _():
    Response.refuse_second_call = lambda self: None


@fault('start-response.second-call-after-error', 'forgets that start_response was called when it raised')
def _():
    def refuse(self):
        if self.status is not None:
            raise AssertionError('start_response was called a second time, without exc_info')

    Response.refuse_second_call = refuse


@fault('exc-info.replaces-headers', "keeps the first call's headers beside those of the second")
def _():
    def store(self, status, headers):
        self.status = status
        self.headers = self.headers + headers

    Response.forget_head = lambda self: None
    Response.store_head = store


@fault(
    'exc-info.replaces-headers',
    'raises in a second call, sent or not',
    also=['start-response.defer-until-body'],
    name='raises',
)
def _():
    start = Response.start_response

    def refuse(self, status, headers, exc_info=None, /):
        again = self.called
        write = start(self, status, headers, exc_info)
        if again:
            raise SystemError('start_response was called a second time')
        return write

    Response.start_response = refuse


@fault(
    'exc-info.after-sent-raises',
    'lets start_response return although the head is sent',
    also=['exc-info.after-sent-original'],
)
def _():
    Response.reraise = lambda self, exc_info: None


@fault('exc-info.after-sent-original', 'raises an error of its own when the head is sent')
def _():
    def refuse(self, exc_info):
        raise AssertionError('the head is sent')

    Response.reraise = refuse


@fault('exc-info.no-reference-kept', 'keeps exc_info until the response has ended')
def _():
    start = Response.start_response

    def keep(self, status, headers, exc_info=None, /):
        self.kept = exc_info
        return start(self, status, headers, exc_info)

    Response.start_response = keep
    # Not for longer, lest the gateway grow.
    close = Exchange.close

    def drop(self):
        self.response.kept = None
        close(self)

    Exchange.close = drop
