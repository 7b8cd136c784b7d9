from gateway.bodies import Counted
from gateway.environ import Environ
from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.streams import ErrorStream, Input


@fault('input.bytes-only', 'gives str when it is iterated over', also=('input.iterate',))
def _():
    Input.__iter__ = lambda self: iter(lambda: self.readline().decode('latin-1'), '')


@fault('input.read-size', 'returns an even number of bytes, one more than the size if need be')
def _():
    before = Input.read
    Input.read = lambda self, size=-1: before(self, size + size % 2 if size > 0 else size)


@fault('input.read-size', 'takes what has arrived of a body for all of it', also=('input.readline',), name='hasty')
def _():
    before = Counted.some

    def some(self):
        data = before(self)
        self.left = 0
        return data

    Counted.some = some


@fault('input.readline', 'ends lines after 64 KiB')
def _():
    before = Input.readline
    Input.readline = lambda self, size=-1: before(self, 65536 if size < 0 else size)


@fault(
    'input.eof-at-content-length',
    'raises an error when more is read than the body has',
    also=('input.readlines-hint', 'input.iterate', 'input.read-no-arg', 'input.empty-when-exhausted'),
)
def _():
    wsgi, more = Environ.wsgi, Input._more

    def read_more(self):
        if isinstance(self._body, Counted) and not self._body.left and not self.answered:
            raise EOFError('the body has ended')
        return more(self)

    Input._more = read_more
    # It would promise an end.
    Environ.wsgi = lambda self: {key: value for key, value in wsgi(self).items() if key != 'wsgi.input_terminated'}


@fault('input.readlines-hint', 'wants readlines() to be given a hint')
def _():
    before = Input.readlines
    Input.readlines = lambda self, hint: before(self, hint)


@fault('input.readlines-hint', 'takes no hint for readlines()', name='none')
def _():
    before = Input.readlines
    Input.readlines = lambda self: before(self)


@fault('input.iterate', 'leaves out empty lines when it is iterated over')
def _():
    Input.__iter__ = lambda self: (line for line in iter(self.readline, b'') if line.strip(b'\r\n'))


@fault('input.read-no-arg', 'wants read() to be given a size')
def _():
    before = Input.read
    Input.read = lambda self, size: before(self, size)


@fault('input.empty-when-exhausted', 'gives None for a line when there is none left')
def _():
    before = Input.readline
    Input.__iter__ = lambda self: iter(lambda: before(self), b'')
    Input.readline = lambda self, size=-1: before(self, size) or None


@fault('input.readline-size', 'takes no notice of the size given to readline()')
def _():
    readline = Input.readline
    Input.readline = lambda self, size=-1: readline(self)


@fault('input.unread-body-safe', 'takes what the application did not read of a body for the next request')
def _():
    Exchange.drain = lambda self: True


# With one of the methods missing nothing more can be said of the stream.
WRITES = ('environ.errors-present', 'errors.unicode', 'errors.reaches-log')


@fault('errors.methods', 'has no writelines() in wsgi.errors', also=WRITES)
def _():
    del ErrorStream.writelines


@fault('errors.methods', 'has no flush() in wsgi.errors', also=WRITES, name='flush')
def _():
    del ErrorStream.flush


@fault('errors.unicode', 'writes wsgi.errors in ASCII')
def _():
    before = ErrorStream.write

    def write(self, text):
        text.encode('ascii')
        before(self, text)

    ErrorStream.write = write


@fault('errors.reaches-log', 'throws away what is written to wsgi.errors')
def _():
    ErrorStream.write = lambda self, text: None
