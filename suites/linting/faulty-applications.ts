/** An application that breaks one rule on purpose. */
export interface FaultyApplication {
  /** What it does, in a few words. */
  readonly does: string
  /** The one rule that a lint must report. */
  readonly rule: string
  readonly python: string
}

/** What all of them begin with: an answer without a fault, for the faults to be put into. */
const PRELUDE = `import sys

TEXT = ("Content-Type", "text/plain")


def items(environ, *given):
    return [] if environ["REQUEST_METHOD"] == "HEAD" else list(given)


`

/** An application whose fault is the status or the headers. */
const head = (status: string, headers = '[TEXT]') => `
def application(environ, start_response):
    start_response(${status}, ${headers})
    return items(environ, b"hello")`

/** An application whose fault is what it returns after a good start. */
const result = (lines: string) => `
def application(environ, start_response):
    start_response("200 OK", [TEXT])
${lines.replace(/^/gm, '    ')}`

/** A class of iterables around two items, with these methods. */
const iterable = (methods: string) => `
class Result:
    def __init__(self, given):
        self.given = iter(given)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.given)

${methods.replace(/^/gm, '    ')}


def application(environ, start_response):
    start_response("200 OK", [TEXT])
    return Result(items(environ, b"one", b"two"))`

const FAULTY: readonly FaultyApplication[] = [
  {
    does: 'works once',
    rule: 'app.reinvocable',
    python: `
CALLS = []


def application(environ, start_response):
    CALLS.append(environ)
    if len(CALLS) > 1:
        raise RuntimeError("I have been here before")
    start_response("200 OK", [TEXT])
    return items(environ, b"hello")`,
  },
  {
    does: 'raises',
    rule: 'app.traps-errors',
    python: `
def application(environ, start_response):
    raise ValueError("no such page")`,
  },
  {
    does: 'raises while it is iterated',
    rule: 'app.traps-errors',
    python: result('yield from items(environ, b"hello")\nraise ValueError("no more")'),
  },
  {
    does: 'works on one server only',
    rule: 'app.portable',
    python: `
def application(environ, start_response):
    if environ.get("SERVER_SOFTWARE", "gateway-lab") != "gateway-lab":
        raise RuntimeError("not at home")
    start_response("200 OK", [TEXT])
    return items(environ, b"hello")`,
  },
  { does: 'returns None', rule: 'app.returns-iterable', python: result('return None') },
  {
    does: 'returns bytes',
    rule: 'app.returns-iterable',
    python: result('return b"" if environ["REQUEST_METHOD"] == "HEAD" else b"hello"'),
  },
  { does: 'counts wrong', rule: 'iter.len-accurate', python: iterable('def __len__(self):\n    return 3') },
  {
    does: 'yields after GeneratorExit',
    rule: 'app.may-be-cut-short',
    python: result('try:\n    yield from items(environ, b"one", b"two")\nexcept GeneratorExit:\n    yield b"three"'),
  },
  {
    does: 'keeps what it holds when it is closed early',
    rule: 'app.may-be-cut-short',
    python: `
HELD = []


def application(environ, start_response):
    if HELD:
        start_response("503 Service Unavailable", [TEXT])
        yield from items(environ, b"busy")
        return
    HELD.append(environ)
    start_response("200 OK", [TEXT])
    yield from items(environ, b"one", b"two")
    HELD.clear()`,
  },
  {
    does: 'raises in close()',
    rule: 'app.close-clean',
    python: iterable('def close(self):\n    raise OSError("already closed")'),
  },
  {
    does: 'yields before start_response()',
    rule: 'app.start-before-first-bytes',
    python: `
def application(environ, start_response):
    yield from items(environ, b"hello")
    start_response("200 OK", [TEXT])`,
  },
  {
    does: 'never calls start_response()',
    rule: 'app.start-before-first-bytes',
    python: `
def application(environ, start_response):
    return []`,
  },
  {
    does: 'needs QUERY_STRING',
    rule: 'environ.app-checks-presence',
    python: result('return items(environ, environ["QUERY_STRING"].encode("latin-1") + b"\\n")'),
  },
  {
    does: 'needs CONTENT_LENGTH to be a number',
    rule: 'environ.app-checks-presence',
    python: result('length = int(environ.get("CONTENT_LENGTH", 0))\nreturn items(environ, b"%d" % length)'),
  },
  {
    does: 'looks at Upgrade',
    rule: 'app.no-hop-reliance',
    python: `
def application(environ, start_response):
    start_response("426 Upgrade Required" if "HTTP_UPGRADE" in environ else "200 OK", [TEXT])
    return items(environ, b"hello")`,
  },
  {
    does: 'reads more than there is',
    rule: 'app.no-read-past',
    python: result('return items(environ, environ["wsgi.input"].read(8192) + b"\\n")'),
  },
  {
    does: 'reads until nothing comes',
    rule: 'app.no-read-past',
    python: result(
      'lines = list(iter(environ["wsgi.input"].readline, b""))\nreturn items(environ, b"%d" % len(lines))',
    ),
  },
  {
    does: 'closes wsgi.input',
    rule: 'app.streams-only-listed',
    python: result('environ["wsgi.input"].close()\nreturn items(environ, b"hello")'),
  },
  {
    does: 'seeks in wsgi.input',
    rule: 'app.streams-only-listed',
    python: result('environ["wsgi.input"].seek(0)\nreturn items(environ, b"hello")'),
  },
  {
    does: 'asks whether wsgi.errors is a terminal',
    rule: 'app.streams-only-listed',
    python: result('environ["wsgi.errors"].isatty()\nreturn items(environ, b"hello")'),
  },
  {
    does: 'names arguments',
    rule: 'app.start-response-positional',
    python: `
def application(environ, start_response):
    start_response(status="200 OK", response_headers=[TEXT])
    return items(environ, b"hello")`,
  },
  {
    does: 'starts twice',
    rule: 'app.start-response-once',
    python: `
def application(environ, start_response):
    start_response("200 OK", [TEXT])
    start_response("404 Not Found", [TEXT])
    return items(environ, b"hello")`,
  },
  { does: 'gives a number as status', rule: 'status.form', python: head('200') },
  { does: 'gives no reason', rule: 'status.form', python: head('"200"') },
  { does: 'gives two spaces', rule: 'status.form', python: head('"200  OK"') },
  { does: 'ends the status with CR LF', rule: 'status.no-control', python: head('"200 OK\\r\\n"') },
  { does: 'gives a tuple of headers', rule: 'headers.list-type', python: head('"200 OK"', '(TEXT,)') },
  {
    does: 'gives a dictionary’s items',
    rule: 'headers.list-type',
    python: head('"200 OK"', '{"Content-Type": "text/plain"}.items()'),
  },
  { does: 'gives a number in a header', rule: 'headers.list-type', python: head('"200 OK"', '[TEXT, ("X-Count", 5)]') },
  { does: 'puts a space into a name', rule: 'headers.name-token', python: head('"200 OK"', '[TEXT, ("X Bad", "1")]') },
  {
    does: 'puts a colon after a name',
    rule: 'headers.name-token',
    python: head('"200 OK"', '[TEXT, ("X-Bad:", "1")]'),
  },
  {
    does: 'puts CR LF into a value',
    rule: 'headers.value-no-control',
    python: head('"200 OK"', '[TEXT, ("X-A", "1\\r\\nX-B: 2")]'),
  },
  {
    does: 'puts a tab into a value',
    rule: 'headers.value-no-control',
    python: head('"200 OK"', '[TEXT, ("X-A", "1\\t2")]'),
  },
  {
    does: 'puts a euro sign into a value',
    rule: 'headers.non-latin1-fatal',
    python: head('"200 OK"', '[TEXT, ("X-Price", "5 €")]'),
  },
  {
    does: 'uses one list for all',
    rule: 'headers.server-may-mutate',
    python: `\nHEADERS = [TEXT]\n\n${head('"200 OK"', 'HEADERS')}`,
  },
  {
    does: 'reads its list again',
    rule: 'headers.server-may-mutate',
    python: `
def application(environ, start_response):
    headers = [TEXT]
    start_response("200 OK", headers)
    return items(environ, dict(headers)["Content-Type"].encode())`,
  },
  {
    does: 'closes the connection',
    rule: 'hop-by-hop.app-fatal',
    python: head('"200 OK"', '[TEXT, ("Connection", "close")]'),
  },
  {
    does: 'chunks',
    rule: 'app.no-transfer-encoding',
    python: head('"200 OK"', '[TEXT, ("Transfer-Encoding", "chunked")]'),
  },
  {
    does: 'gives True as exc_info',
    rule: 'app.exc-info-tuple',
    python: `
def application(environ, start_response):
    start_response("500 Oops", [TEXT], True) if environ.get("QUERY_STRING") else start_response("200 OK", [TEXT])
    return items(environ, b"hello")`,
  },
  {
    does: 'swallows what exc_info brings back',
    rule: 'app.no-trap-exc-info',
    python: result(`if environ["REQUEST_METHOD"] == "HEAD":
    return
yield b"first"
try:
    raise ValueError("in the middle")
except ValueError:
    try:
        start_response("500 Oops", [TEXT], sys.exc_info())
    except ValueError:
        pass
yield b"second"`),
  },
  { does: 'yields text', rule: 'body.bytes-only', python: result('return items(environ, "hello")') },
  {
    does: 'writes text',
    rule: 'body.bytes-only',
    python: `
def application(environ, start_response):
    write = start_response("200 OK", [TEXT])
    if environ["REQUEST_METHOD"] != "HEAD":
        write("hello")
    return []`,
  },
  {
    does: 'declares too much',
    rule: 'app.content-length-true',
    python: head('"200 OK"', '[TEXT, ("Content-Length", "9")]'),
  },
  {
    does: 'declares too little',
    rule: 'app.content-length-true',
    python: head('"200 OK"', '[TEXT, ("Content-Length", "3")]'),
  },
  {
    does: 'declares no number',
    rule: 'app.content-length-true',
    python: head('"200 OK"', '[TEXT, ("Content-Length", "five")]'),
  },
  { does: 'declares no type', rule: 'app.content-type', python: head('"200 OK"', '[("X-A", "1")]') },
  { does: 'answers HEAD with a body', rule: 'app.head-body', python: result('return [b"hello"]') },
  {
    does: 'gives a 204 a length',
    rule: 'app.no-body-status',
    python: `
def application(environ, start_response):
    start_response("204 No Content", [("Content-Length", "0")])
    return []`,
  },
  { does: 'gives a 304 a body', rule: 'app.no-body-status', python: head('"304 Not Modified"', '[("ETag", "1")]') },
  {
    does: 'writes and returns None',
    rule: 'app.iterable-with-write',
    python: `
def application(environ, start_response):
    write = start_response("200 OK", [TEXT])
    write(b"" if environ["REQUEST_METHOD"] == "HEAD" else b"hello")`,
  },
  {
    does: 'writes while it is iterated',
    rule: 'app.no-write-in-iteration',
    python: `
def application(environ, start_response):
    write = start_response("200 OK", [TEXT])
    for item in items(environ, b"hello"):
        write(item)
        yield b""`,
  },
]

/** One or more for every rule that can be tested. */
export const faultyApplications: readonly FaultyApplication[] = FAULTY.map(({ python, ...rest }) => ({
  ...rest,
  python: `${PRELUDE}${python.trimStart()}\n`,
}))
