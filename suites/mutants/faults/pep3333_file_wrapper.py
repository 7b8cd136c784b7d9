from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.file_wrapper import FileWrapper


def is_real(file):
    """Whether the operating system knows the file."""
    try:
        file.fileno()
        return True
    except (AttributeError, OSError):
        return False


@fault(
    'file-wrapper.signature',
    'has a file wrapper that takes no block size',
    also=(
        'file-wrapper.iterable',
        'file-wrapper.no-early-send',
        'file-wrapper.non-file',
        'file-wrapper.close',
        'file-wrapper.position',
        'file-wrapper.bounded',
    ),
)
def _():
    before = FileWrapper.__init__
    FileWrapper.__init__ = lambda self, file: before(self, file)


@fault('file-wrapper.iterable', 'has a file wrapper that only the gateway itself can read from')
def _():
    iterate = Exchange.iterate

    def refuse(self):
        if is_real(self.file):
            raise TypeError('only the gateway may iterate over this')
        return self

    def read(self, result):
        iterate(self, iter(result.read_block, b'') if isinstance(result, FileWrapper) else result)

    FileWrapper.__iter__ = refuse
    Exchange.iterate = read


@fault('file-wrapper.no-early-send', 'sends the first byte of a file as soon as it is wrapped, when the head allows it')
def _():
    environ = Exchange.environ

    def early(self):
        def wrap(file, block_size=8192):
            if is_real(file) and self.response.declared_length() is not None:
                self.response.send_item(file.read(1))
            return FileWrapper(file, block_size)

        return {**environ(self), 'wsgi.file_wrapper': wrap}

    Exchange.environ = early


@fault('file-wrapper.non-file', 'has a file wrapper that needs fileno()')
def _():
    def read_block(self):
        return self.file.read(self.block_size) if hasattr(self.file, 'fileno') else b''

    FileWrapper.read_block = read_block


@fault('file-wrapper.close', 'does not close a wrapped file')
def _():
    FileWrapper.close_file = lambda self: None


@fault('file-wrapper.position', 'sends a wrapped file from its beginning')
def _():
    def from_start(self):
        if not hasattr(self, 'begun') and hasattr(self.file, 'seek'):
            self.file.seek(0)
        self.begun = True
        return self.file.read(self.block_size)

    FileWrapper.read_block = from_start


@fault('file-wrapper.bounded', 'ends after the first block of a wrapped file')
def _():
    def one_block(self):
        data = b'' if hasattr(self, 'begun') else self.file.read(self.block_size)
        self.begun = True
        return data

    FileWrapper.read_block = one_block
