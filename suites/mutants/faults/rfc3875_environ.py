from gateway.environ import Environ
from gateway.faults import fault
from gateway.message_head import MessageHead


def add(part, change):
    """Replaces a part of the environ by what `change` makes of it."""
    before = getattr(Environ, part)

    def changed(self):
        variables = before(self)
        change(self, variables)
        return variables

    setattr(Environ, part, changed)


@fault('cgi.request-method', 'gives every method in capitals', also=('environ.request-method', 'method.unknown-501'))
def _():
    add('location', lambda self, variables: variables.update(REQUEST_METHOD=self.request.method.upper()))


@fault('cgi.script-name-slash', 'lets a field of the client say where the application is mounted')
def _():
    before = Environ.script_name
    Environ.script_name = lambda self: ''.join(self.request.values('script_name')) or before(self)


@fault('cgi.path-info-slash', 'takes both slashes from a path that begins with two', also=('environ.path-join',))
def _():
    before = Environ.path_info
    Environ.path_info = lambda self: before(self)[2 if before(self).startswith('//') else 0 :]


@fault('cgi.path-info-slash', 'makes one slash of two', name='merged', observed=True)
def _():
    before = Environ.path_info
    Environ.path_info = lambda self: before(self).replace('//', '/')


@fault('cgi.path-translated', 'translates an empty path')
def _():
    add('location', lambda self, variables: variables.update(PATH_TRANSLATED='/srv' + variables['PATH_INFO']))


@fault('cgi.path-translated', 'translates paths', name='whole', observed=True)
def _():
    def change(self, variables):
        if variables['PATH_INFO']:
            variables['PATH_TRANSLATED'] = '/srv' + variables['PATH_INFO']

    add('location', change)


@fault('cgi.query-string-always', 'leaves out an empty QUERY_STRING', observed=True)
def _():
    def change(self, variables):
        if not variables['QUERY_STRING']:
            del variables['QUERY_STRING']

    add('location', change)


@fault('cgi.content-length-iff-body', 'gives the length 0 to a body in chunks')
def _():
    def change(self, variables):
        if self.request.chunked:
            variables['CONTENT_LENGTH'] = '0'

    add('body', change)


@fault('cgi.content-type-if-sent', 'leaves out CONTENT_TYPE where there is no body')
def _():
    def change(self, variables):
        if self.request.length is None and not self.request.chunked:
            variables.pop('CONTENT_TYPE', None)

    add('body', change)


@fault('cgi.http-mapping', 'replaces no more than two hyphens of a name')
def _():
    Environ.key = lambda self, name: 'HTTP_' + name.upper().replace('-', '_', 2)


@fault('cgi.http-mapping', 'makes an underscore of a dot', name='dot', observed=True)
def _():
    before = Environ.key
    Environ.key = lambda self, name: before(self, name).replace('.', '_')


@fault('cgi.repeats-merged', 'keeps only the last of repeated fields')
def _():
    Environ.merged = lambda self, key, values: values[-1]


@fault('cgi.folded-joined', 'keeps the line ends of a folded field', also=('field.obs-fold',))
def _():
    before = MessageHead.add_field

    def add_field(self, fields, line):
        if line[0] in ' \t':
            name, value = fields.pop()
            fields.append((name, value + '\r\n' + line))
        else:
            before(self, fields, line)

    MessageHead.add_field = add_field


@fault('cgi.underscore-collision', 'takes X_A for X-A', observed=True)
def _():
    Environ.is_dropped = lambda self, name: name.lower() in self.dropped


@fault('cgi.httpoxy', 'lets Proxy become HTTP_PROXY', observed=True)
def _():
    Environ.dropped = tuple(name for name in Environ.dropped if name != 'proxy')


@fault('cgi.auth-hidden', 'keeps Authorization from the application', observed=True)
def _():
    Environ.dropped += ('authorization',)
