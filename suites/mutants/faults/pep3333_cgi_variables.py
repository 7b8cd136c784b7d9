import os

from gateway.environ import Environ
from gateway.faults import fault


@fault('environ.other-cgi', 'has no CGI variables but those that PEP 3333 names')
def _():
    addresses = Environ.addresses

    def few(self):
        return {name: value for name, value in addresses(self).items() if name in ('SERVER_NAME', 'SERVER_PORT')}

    Environ.addresses = few


@fault('environ.other-cgi', 'does not name its software', name='fewer', observed=True)
def _():
    addresses = Environ.addresses

    def fewer(self):
        return {name: value for name, value in addresses(self).items() if name != 'SERVER_SOFTWARE'}

    Environ.addresses = fewer


@fault('environ.tls-vars', 'does not tell the application of TLS but by the scheme', tls=True)
def _():
    Environ.tls = lambda self: {}


@fault('environ.missing-left-out', 'has an empty REMOTE_USER for nobody')
def _():
    addresses = Environ.addresses
    Environ.addresses = lambda self: {**addresses(self), 'REMOTE_USER': ''}


@fault('environ.cgi-values-str', 'has CONTENT_LENGTH as a number')
def _():
    body = Environ.body

    def counted(self):
        return {name: int(value) if name == 'CONTENT_LENGTH' else value for name, value in body(self).items()}

    Environ.body = counted


@fault('environ.os-env', 'copies its own environment', observed=True)
def _():
    before = Environ.deployer
    Environ.deployer = lambda self: {**os.environ, **before(self)}
