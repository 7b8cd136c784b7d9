from gateway.exchange import Exchange
from gateway.faults import fault


@fault('error.before-output', 'closes the connection instead of answering 500')
def _():
    fail = Exchange.fail

    def close(self, status, why):
        if self.response.head_sent or not status.startswith('500'):
            fail(self, status, why)
        else:
            self.response.persistent = False

    Exchange.fail = close


@fault('error.before-output', 'answers 200 when the first iteration fails', name='iteration')
def _():
    fail = Exchange.fail

    def begin(self, status, why):
        response = self.response
        if self.result is not None and not response.head_sent and response.status is not None:
            response.send(response.commit(None))
        fail(self, status, why)

    Exchange.fail = begin


@fault('error.trap-and-log', 'does not log what an application raises')
def _():
    Exchange.log_exception = lambda self, text: None


@fault('error.after-output', 'leaves the connection open when an application fails after its first block')
def _():
    Exchange.abort = lambda self: None


@fault('error.after-output', 'ends a chunked body well when the application fails', name='chunked')
def _():
    abort = Exchange.abort

    def end(self):
        if self.response.framing == 'chunked':
            self.connection.send(self.response.last_chunk())
        abort(self)

    Exchange.abort = end


def append(is_right):
    abort = Exchange.abort

    def explain(self):
        response = self.response
        types = [value for name, value in response.headers if name.lower() == 'content-type']
        if response.framing == 'chunked' and is_right(''.join(types)):
            self.connection.send(response.framed(b'\nThe application failed.\n'))
        abort(self)

    Exchange.abort = explain


@fault('error.append-text', 'adds an error message to text', observed=True)
def _():
    append(lambda type: type.startswith('text/'))


@fault('error.append-text', 'adds an error message to whatever an application sends', name='binary')
def _():
    append(lambda type: True)
