from gateway.environ import Environ
from gateway.faults import fault


def with_address(name, value):
    """Has one of the variables about client and server be what this function of the Environ gives."""
    addresses = Environ.addresses
    Environ.addresses = lambda self: {**addresses(self), name: value(self)}


def without_address(name):
    addresses = Environ.addresses
    Environ.addresses = lambda self: {key: value for key, value in addresses(self).items() if key != name}


@fault('cgi.gateway-interface', 'writes the version of CGI with a zero in front')
def _():
    with_address('GATEWAY_INTERFACE', lambda self: 'CGI/01.1')


@fault('cgi.gateway-interface', 'has no GATEWAY_INTERFACE', name='absent', observed=True)
def _():
    without_address('GATEWAY_INTERFACE')


@fault('cgi.remote-addr', 'believes X-Forwarded-For of anybody')
def _():
    before = Environ.remote_addr

    def remote_addr(self):
        return ''.join(self.request.values('x-forwarded-for')).partition(',')[0] or before(self)

    Environ.remote_addr = remote_addr


@fault('cgi.remote-addr', 'gives the port of the client with its address', name='port', also=('cgi.remote-host',))
def _():
    Environ.remote_addr = lambda self: '%s:%d' % self.connection.peer


@fault('cgi.remote-host', 'gives its own address for the name of the client')
def _():
    with_address('REMOTE_HOST', lambda self: self.connection.local[0])


@fault('cgi.remote-host', 'has no REMOTE_HOST', name='absent', observed=True)
def _():
    without_address('REMOTE_HOST')


@fault('cgi.remote-user', 'takes the name of the user from a field')
def _():
    before = Environ.addresses

    def addresses(self):
        users = self.request.values('remote-user')
        return {**before(self), **({'REMOTE_USER': users[0]} if users else {})}

    Environ.addresses = addresses


@fault('cgi.server-name-from-host', 'gives the port with the name of the host')
def _():
    Environ.server_name = lambda self: ''.join(self.request.values('host')) or self.server.host


@fault('cgi.server-name-from-host', 'has one name whatever Host says', name='configured', observed=True)
def _():
    Environ.server_name = lambda self: self.server.host


@fault('cgi.server-port-actual', 'takes the port from Host')
def _():
    def port(self):
        named = ''.join(self.request.values('host')).rpartition(':')[2]
        return named if named.isdigit() else str(self.connection.local[1])

    with_address('SERVER_PORT', port)


@fault('cgi.server-protocol', 'writes the protocol with a space', also=('environ.server-protocol',))
def _():
    before = Environ.location
    Environ.location = lambda self: {**before(self), 'SERVER_PROTOCOL': self.request.protocol.replace('/', ' ')}


@fault('cgi.server-software', 'describes itself in a sentence')
def _():
    Environ.software = 'a gateway: strict, but with one fault'


@fault('cgi.server-software', 'does not say what it is', name='absent', observed=True)
def _():
    without_address('SERVER_SOFTWARE')
