from gateway.environ import Environ
from gateway.faults import fault


@fault('environ.request-method', 'writes the method in capitals', also=('cgi.request-method', 'method.unknown-501'))
def _():
    location = Environ.location
    Environ.location = lambda self: {**location(self), 'REQUEST_METHOD': self.request.method.upper()}


@fault('environ.script-name-root', 'calls the root "/"', also=('environ.path-join', 'url.reconstruct'))
def _():
    Environ.script_name = lambda self: self.server.mount or '/'


@fault('environ.script-name-mounted', 'does not say where the application is mounted')
def _():
    Environ.script_name = lambda self: ''
    Environ.path_info = lambda self: self.request.path


@fault('environ.path-info', 'leaves PATH_INFO empty for the root of the server')
def _():
    before = Environ.path_info
    Environ.path_info = lambda self: '' if self.request.path == '/' else before(self)


@fault('environ.path-join', 'drops the parameters of path segments')
def _():
    before = Environ.path_info
    Environ.path_info = lambda self: '/'.join(part.partition(';')[0] for part in before(self).split('/'))


@fault('environ.path-join', 'does not decode %2F', name='slash')
def _():
    before = Environ.path_info
    Environ.path_info = lambda self: '/a%2Fb' if self.request.target.startswith('/a%2Fb?') else before(self)


@fault('environ.path-join', 'makes one slash of several', name='merged', observed=True)
def _():
    before = Environ.path_info

    def merged(self):
        path = before(self)
        while '//' in path:
            path = path.replace('//', '/')
        return path

    Environ.path_info = merged


@fault('environ.query-string-raw', 'decodes %41 in the query')
def _():
    Environ.query_string = lambda self: self.request.query.replace('%41', 'A')


@fault('environ.content-type', 'invents a CONTENT_TYPE where the client sent none')
def _():
    body = Environ.body
    Environ.body = lambda self: {'CONTENT_TYPE': 'text/plain', **body(self)}


@fault(
    'environ.content-length',
    'invents a CONTENT_LENGTH of 0 where the client sent none',
    also=('cgi.content-length-iff-body',),
)
def _():
    body = Environ.body

    def counted(self):
        return body(self) if self.request.chunked else {'CONTENT_LENGTH': '0', **body(self)}

    Environ.body = counted


@fault('environ.server-name', 'leaves SERVER_NAME empty when there is no Host')
def _():
    before = Environ.server_name
    Environ.server_name = lambda self: before(self) if self.request.values('host') else ''


@fault('environ.server-port', 'has a name instead of a number in SERVER_PORT', also=('cgi.server-port-actual',))
def _():
    addresses = Environ.addresses
    Environ.addresses = lambda self: {**addresses(self), 'SERVER_PORT': 'http'}


@fault('environ.server-protocol', 'gives its own version as SERVER_PROTOCOL')
def _():
    location = Environ.location
    Environ.location = lambda self: {**location(self), 'SERVER_PROTOCOL': 'HTTP/1.1'}


@fault('environ.http-present', 'does not show Referer')
def _():
    before = Environ.is_dropped
    Environ.is_dropped = lambda self, name: name.lower() == 'referer' or before(self, name)


@fault('environ.http-present', 'does not show empty fields', name='empty', observed=True)
def _():
    before = Environ.http
    Environ.http = lambda self: {name: value for name, value in before(self).items() if value}


@fault('environ.http-absent', 'invents a field')
def _():
    before = Environ.http
    Environ.http = lambda self: {'HTTP_X_REQUEST_ID': '1', **before(self)}


@fault('environ.no-http-content', 'has Content-Type and Content-Length among the HTTP variables as well')
def _():
    Environ.dropped = ('transfer-encoding', 'proxy')
