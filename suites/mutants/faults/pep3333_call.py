import inspect

from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.response import Response
from gateway.server import Server


@fault('call.positional-args', 'calls the application with named arguments')
def _():
    def call(self, environ, start_response):
        return self.server.application(environ=environ, start_response=start_response)

    Exchange.call = call


@fault('call.any-callable', 'calls no application that is not a function')
def _():
    before = Exchange.call

    def call(self, environ, start_response):
        if not inspect.isfunction(self.server.application):
            raise TypeError('the application is not a function')
        return before(self, environ, start_response)

    Exchange.call = call


@fault('call.any-callable', 'does not start with an application that has no __name__', name='start')
def _():
    before = Server.listen

    def listen(self):
        self.application.__name__
        before(self)

    Server.listen = listen


@fault('call.once-per-request', 'calls an application that raised an error once more')
def _():
    before = Exchange.call

    def call(self, environ, start_response):
        try:
            return before(self, environ, start_response)
        except Exception:
            if self.response.called:
                raise
            return before(self, environ, start_response)

    Exchange.call = call


@fault('environ.builtin-dict', 'gives the application a subclass of dict')
def _():
    class Variables(dict):
        pass

    before = Exchange.environ
    Exchange.environ = lambda self: Variables(before(self))


@fault('environ.mutable-isolated', 'shows to later requests what an application has put into its environ')
def _():
    before = Exchange.call
    left = {}

    def call(self, environ, start_response):
        given = set(environ)
        environ.update(left)
        result = before(self, environ, start_response)
        left.update({key: value for key, value in environ.items() if key not in given and '.' in key})
        return result

    Exchange.call = call


@fault('environ.mutable-isolated', "looks into the application's environ after the call", name='emptied')
def _():
    before = Exchange.call

    def call(self, environ, start_response):
        result = before(self, environ, start_response)
        environ['REQUEST_METHOD']
        return result

    Exchange.call = call


@fault('start-response.two-or-three-args', 'takes None for no exc_info')
def _():
    before = Response.start_response

    def start_response(self, status, headers, *exc_info):
        if exc_info == (None,):
            raise TypeError('exc_info is None')
        return before(self, status, headers, *exc_info)

    Response.start_response = start_response


@fault('start-response.two-or-three-args', 'says 500 when exc_info comes in the first call', name='first')
def _():
    before = Response.start_response

    def start_response(self, status, headers, exc_info=None):
        first = exc_info is not None and not self.called
        return before(self, '500 Internal Server Error' if first else status, headers, exc_info)

    Response.start_response = start_response


@fault(
    'start-response.returns-write',
    'returns nothing from start_response without a Content-Length',
    also=('write.with-iterable', 'write.before-iterable', 'write.sent-before-return'),
)
def _():
    before = Response.start_response

    def start_response(self, status, headers, exc_info=None):
        write = before(self, status, headers, exc_info)
        return None if self.declared_length() is None else write

    Response.start_response = start_response
