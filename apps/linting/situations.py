"""The situations into which an application is brought in process, and what each of them shows."""

from linting.call import Call
from linting.checker import Checker
from linting.gateway import MARK, environ_for, serve

FORM = b"lab=lint&text=hello"
# All that a server may leave out when its value would be empty, or that CGI does not require of it.
OPTIONAL = (
    "SCRIPT_NAME",
    "QUERY_STRING",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    "SERVER_SOFTWARE",
    "GATEWAY_INTERFACE",
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "REMOTE_PORT",
    "HTTP_HOST",
    "HTTP_USER_AGENT",
    "HTTP_ACCEPT",
    "wsgi.file_wrapper",
)
# What the server's own connection has; PEP 3333 lets no application rely on it.
HOP_BY_HOP = {
    "HTTP_CONNECTION": "Upgrade, TE, Keep-Alive",
    "HTTP_UPGRADE": "websocket",
    "HTTP_TE": "trailers",
    "HTTP_KEEP_ALIVE": "timeout=5",
    "HTTP_PROXY_CONNECTION": "keep-alive",
}
# These differ from one answer to the next for good reasons.
VARYING = {"date", "content-length", "etag", "last-modified", "expires", "set-cookie", "age"}


class Gone:
    """The body of a client that went away while it sent it."""

    def read(self, *_):
        raise ConnectionResetError("the client went away")

    readline = readlines = close = read

    def __iter__(self):
        return iter(self.read, None)


class Lint:
    """An application in process, path by path."""

    def __init__(self, application, write):
        self.application = application
        self._write = write
        self._checker = Checker(application, write)
        self._situations = 0

    def ask(self, situation, method, path, body=b"", drop=(), how=None, **more):
        """One call under the checker. The answer also has the call's notes as `call`."""
        self._situations += 1
        nonce = "%d" % self._situations
        environ = environ_for(method, path, body, **more)
        for name in drop:
            environ.pop(name, None)
        environ["HTTP_X_LAB_NONCE"] = nonce
        self._write({"nonce": nonce, "event": "asked", "method": method, "path": path, "situation": situation})
        answer = serve(self._checker, environ, **(how or {}))
        answer.call = self._checker.last
        status = answer.status if isinstance(answer.status, str) else None
        answer.call.note(
            "answered", status=status, failed=answer.failed, whole=answer.call.ended, overtime=answer.overtime
        )
        return answer

    def blame(self, rule, answer, seen=""):
        """Holds a failure against a rule, unless a rule that was broken in the same call explains it."""
        if not answer.overtime:
            answer.call.reached(rule)
        if answer.failed and not answer.call.broken_rules:
            answer.call.broken(rule, seen + answer.in_words())

    def notes(self, situation, path):
        """A place for what is found out by comparing answers."""
        self._situations += 1
        nonce = "%d" % self._situations
        self._write({"nonce": nonce, "event": "asked", "method": "GET", "path": path, "situation": situation})
        return Call({"HTTP_X_LAB_NONCE": nonce, "REQUEST_METHOD": "GET"}, self._write)

    def usual(self, path):
        """The requests that every application meets. Returns the answer to GET, or None when that cannot be built upon."""
        first = self.ask("", "GET", path)
        self.raised(first)
        if first.overtime and first.status is None:
            return None
        if not first.failed:
            again = self.ask("called again", "GET", path)
            self.blame("app.reinvocable", again, "when called again ")
            if again.failed:
                return None
        self.raised(self.ask("", "GET", "%s%slab=lint" % (path, "&" if "?" in path else "?")))
        self.raised(self.ask("", "HEAD", path))
        self.raised(self.ask("", "POST", path, FORM))
        self.raised(self.ask("", "OPTIONS", path))
        return None if first.failed else first

    def raised(self, answer):
        """An exception of the application's own. That it answers 5xx of itself breaks no rule."""
        if not answer.overtime:
            answer.call.reached("app.traps-errors")
        if answer.raised is not None and not answer.call.broken_rules:
            answer.call.broken("app.traps-errors", answer.in_words())

    def sparse(self, path):
        """An environ without all that may be absent or empty; when that fails, without one thing at a time."""
        rule = "environ.app-checks-presence"
        bare = self.ask("optional variables absent", "GET", path, drop=OPTIONAL)
        bare.call.reached(rule)
        if bare.failed and not bare.call.broken_rules:
            alone = [(name, self.ask("%s absent" % name, "GET", path, drop=[name])) for name in OPTIONAL]
            guilty = [(name, answer) for name, answer in alone if answer.failed]
            for name, answer in guilty or [("several variables", bare)]:
                answer.call.broken(rule, "without %s %s" % (name, answer.in_words()))
        empty = self.ask("CONTENT_LENGTH and others empty", "GET", path, CONTENT_LENGTH="", CONTENT_TYPE="")
        self.blame(rule, empty, "with an empty CONTENT_LENGTH ")

    def hop_by_hop(self, path):
        """The same request with hop-by-hop fields: they must make no difference."""
        rule = "app.no-hop-reliance"
        before, with_them, after = (
            self.ask(situation, "GET", path, **more)
            for situation, more in (("", {}), ("with hop-by-hop fields", HOP_BY_HOP), ("", {}))
        )
        if summary(before) != summary(after):
            return
        with_them.call.reached(rule)
        if summary(before) != summary(with_them):
            with_them.call.broken(rule, "%s, without these fields %s" % (with_them.in_words(), before.in_words()))

    def cut_short(self, path, seconds):
        """The server stops after the first item; the next request must find everything in order."""
        cut = self.ask("closed after the first item", "GET", path, how={"take": 1})
        if cut.plain:
            return
        after = self.ask("after one that was closed early", "GET", path)
        self.blame("app.may-be-cut-short", after, "the next request: ")
        if after.overtime and seconds < 1:
            after.call.broken("app.may-be-cut-short", "the next request found no end")

    def client_gone(self, path):
        """Reading the body raises. Whatever the application makes of that, it may not swallow a refusal."""
        self.ask("the client went away", "POST", path, FORM, **{"wsgi.input": Gone()})

    def meddling(self, path):
        """The server changes the list of headers, as it may. Last, because it may spoil all that follows."""
        rule = "headers.server-may-mutate"
        # What the situations before have left may be a fault of its own.
        if self.ask("", "GET", path).failed:
            return
        changed = self.ask("the server changed the list of headers", "GET", path, how={"meddle": True})
        self.blame(rule, changed, "after that ")
        # Not under the checker: what the server has put there is no other fault of the application's.
        after = serve(self.application, environ_for("GET", path))
        if MARK in (after.headers or []):
            changed.call.broken(rule, "the next call passed the same list, with what the server had put into it")


def summary(answer):
    """What of an answer should be the same when the same is asked again."""
    pairs = [header for header in answer.headers or [] if isinstance(header, tuple) and len(header) == 2]
    kept = [(str(name).lower(), value) for name, value in pairs if str(name).lower() not in VARYING]
    return str(answer.status), answer.raised is not None, answer.overtime, sorted(map(repr, kept))
