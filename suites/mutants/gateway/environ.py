"""The environ of one request.

Always there: REQUEST_METHOD, SCRIPT_NAME (the mount, else empty), PATH_INFO (decoded, bytes as Latin-1), QUERY_STRING
(as sent), SERVER_NAME (from Host, else the address that is listened on), SERVER_PORT (the port of the connection),
SERVER_PROTOCOL (as the client sent it), SERVER_SOFTWARE, GATEWAY_INTERFACE, REMOTE_ADDR and REMOTE_HOST (the client's
address) and the variables of PEP 3333: wsgi.version, wsgi.url_scheme, wsgi.input, wsgi.errors, wsgi.multithread,
wsgi.multiprocess, wsgi.run_once, wsgi.file_wrapper, wsgi.input_terminated.
Over TLS: HTTPS, SSL_PROTOCOL and SSL_CIPHER.
When the client sent the field: CONTENT_TYPE, CONTENT_LENGTH and HTTP_*, except for Transfer-Encoding (it is undone),
Proxy (programs take HTTP_PROXY for their own) and names with an underscore (they would pass for other fields).
Whatever the deployer says with --set. Never: the variables of the operating system, REMOTE_USER.
"""
import os

from gateway.file_wrapper import FileWrapper
from gateway.streams import ErrorStream


class Environ:
    """Builds an environ; each method gives a part of it."""

    dropped = ('content-length', 'content-type', 'transfer-encoding', 'proxy')
    software = 'strict-gateway/1.0'

    def __init__(self, server, connection, request, stream):
        self.server = server
        self.connection = connection
        self.request = request
        self.stream = stream

    def build(self):
        return {
            **self.deployer(),
            **self.location(),
            **self.body(),
            **self.addresses(),
            **self.tls(),
            **self.http(),
            **self.wsgi(),
            **self.flags(),
        }

    def deployer(self):
        return {name: os.fsencode(value).decode('latin-1') for name, value in self.server.deployer_values.items()}

    def location(self):
        return {
            'REQUEST_METHOD': self.request.method,
            'SCRIPT_NAME': self.script_name(),
            'PATH_INFO': self.path_info(),
            'QUERY_STRING': self.query_string(),
            'SERVER_PROTOCOL': self.request.protocol,
        }

    def script_name(self):
        return self.server.mount

    def path_info(self):
        return self.request.path[len(self.server.mount) :]

    def query_string(self):
        return self.request.query

    def body(self):
        """CONTENT_TYPE and CONTENT_LENGTH, each as the client sent it, or not at all."""
        variables = {}
        types = self.request.values('content-type')
        if types:
            variables['CONTENT_TYPE'] = types[0]
        if self.request.length is not None:
            variables['CONTENT_LENGTH'] = str(self.request.length)
        return variables

    def addresses(self):
        return {
            'SERVER_NAME': self.server_name(),
            'SERVER_PORT': str(self.connection.local[1]),
            'SERVER_SOFTWARE': self.software,
            'GATEWAY_INTERFACE': 'CGI/1.1',
            'REMOTE_ADDR': self.remote_addr(),
            'REMOTE_HOST': self.remote_addr(),
        }

    def tls(self):
        if not self.connection.secure:
            return {}
        secured = self.connection.socket
        return {'HTTPS': 'on', 'SSL_PROTOCOL': secured.version(), 'SSL_CIPHER': secured.cipher()[0]}

    def server_name(self):
        host = ''.join(self.request.values('host'))
        name = host.rpartition(':')[0] if host.rpartition(':')[2].isdigit() or host.endswith(':') else host
        return name or self.server.host

    def remote_addr(self):
        return self.connection.peer[0]

    def http(self):
        values = {}
        for name, value in self.request.fields:
            if not self.is_dropped(name):
                values.setdefault(self.key(name), []).append(value)
        return {key: self.merged(key, each) for key, each in values.items()}

    def is_dropped(self, name):
        return name.lower() in self.dropped or '_' in name

    def key(self, name):
        return 'HTTP_' + name.upper().replace('-', '_')

    def merged(self, key, values):
        """Repeated field lines as one value with the same meaning."""
        return ('; ' if key == 'HTTP_COOKIE' else ', ').join(values)

    def wsgi(self):
        return {
            'wsgi.version': (1, 0),
            'wsgi.url_scheme': self.url_scheme(),
            'wsgi.input': self.stream,
            'wsgi.errors': ErrorStream(),
            'wsgi.file_wrapper': FileWrapper,
            'wsgi.input_terminated': True,
        }

    def url_scheme(self):
        return 'https' if self.connection.secure else 'http'

    def flags(self):
        return {
            'wsgi.multithread': not self.server.single_thread,
            'wsgi.multiprocess': self.server.processes > 1,
            'wsgi.run_once': False,
        }
