import contextlib
import time

from gateway.environ import Environ
from gateway.faults import fault
from gateway.server import Server


def wsgi(name, value):
    """Another value for one of the variables of WSGI."""
    before = Environ.wsgi
    Environ.wsgi = lambda self: {**before(self), name: value}


def flag(name, value):
    """Another value for one of the flags."""
    before = Environ.flags
    Environ.flags = lambda self: {**before(self), name: value}


@fault('environ.wsgi-version', 'has a list as wsgi.version')
def _():
    wsgi('wsgi.version', [1, 0])


@fault('environ.url-scheme', 'believes anybody who sends X-Forwarded-Proto')
def _():
    before = Environ.url_scheme
    Environ.url_scheme = lambda self: ''.join(self.request.values('x-forwarded-proto')) or before(self)


@fault('environ.url-scheme', 'says https of everything', name='wrong', also=('url.reconstruct',))
def _():
    Environ.url_scheme = lambda self: 'https'


@fault(
    'environ.input-present',
    'has nothing as wsgi.input for a request without a body',
    also=('input.empty-when-exhausted',),
)
def _():
    before = Environ.wsgi
    Environ.wsgi = lambda self: {
        **before(self),
        'wsgi.input': self.stream if self.request.chunked or self.request.length else None,
    }


@fault(
    'environ.errors-present',
    'has nothing as wsgi.errors',
    also=('errors.methods', 'errors.unicode', 'errors.reaches-log'),
)
def _():
    wsgi('wsgi.errors', None)


@fault('environ.multithread-truthful', 'says that it has one thread')
def _():
    flag('wsgi.multithread', False)


@fault('environ.multithread-truthful', 'says that it has threads when it has one', name='single')
def _():
    flag('wsgi.multithread', True)


@fault('environ.multiprocess-truthful', 'says that it has one process when it has two')
def _():
    fork = Server.fork
    accept = Server.accept

    def two(self):
        self.processes = 2
        fork(self)
        self.processes = 1

    def in_turn(self):
        accept(self)
        time.sleep(0.01)  # the other process takes the next

    Server.fork = two
    Server.accept = in_turn


@fault('environ.multiprocess-truthful', 'says that it has processes when it has one', name='single')
def _():
    flag('wsgi.multiprocess', True)


@fault('environ.run-once', 'says that it calls the application once')
def _():
    flag('wsgi.run_once', True)


@fault('environ.extension-names', 'names a variable of its own in capitals')
def _():
    flag('STRICT_GATEWAY', '1')


@fault('environ.latin1-only', 'decodes the query as UTF-8')
def _():
    before = Environ.query_string
    Environ.query_string = lambda self: before(self).encode('latin-1').decode('utf-8', 'replace')


@fault('environ.path-bytes-as-latin1', 'decodes the path as UTF-8 where it can')
def _():
    before = Environ.path_info

    def decoded(self):
        path = before(self)
        try:
            return path.encode('latin-1').decode('utf-8')
        except UnicodeDecodeError:
            return path

    Environ.path_info = decoded


@fault('url.reconstruct', 'drops the port of Host')
def _():
    before = Environ.merged
    Environ.merged = lambda self, key, values: self.server_name() if key == 'HTTP_HOST' else before(self, key, values)


@fault('config.deployer-values', 'keeps what the deployer sets to itself')
def _():
    Environ.deployer = lambda self: {}


@fault('thread.single-thread-option', 'calls the application in several threads whatever it was told')
def _():
    Server.turn = lambda self: contextlib.nullcontext()
