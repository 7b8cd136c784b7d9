"""One call of the application: what is noted of it."""

import json
import os
import threading
import time


class Call:
    """One call of the application, and the notes on it: rules whose situation arose, and rules that were broken."""

    def __init__(self, environ, write):
        self._write = write
        self._noted = set()
        self.nonce = environ.get("HTTP_X_LAB_NONCE", "")
        self.method = environ.get("REQUEST_METHOD", "")
        self.starts = 0
        self.status = None
        self.headers = None
        self.writes = 0
        self.bytes = 0
        self.items = 0
        self.only_bytes = True
        self.iterating = False
        self.ended = False
        self.failed = False
        # A start_response() with exc_info raised, and the application has not let that through yet.
        self.refused = False
        # What was last looked for in a stream that does not have it.
        self.missed = None
        self.broken_rules = set()

    # Events beside those named below: `called`, and `left` when nothing more of this call will be seen.
    def note(self, event, **details):
        self._write({"nonce": self.nonce, "event": event, **details})

    def reached(self, *rules):
        for rule in rules:
            if rule not in self._noted:
                self._noted.add(rule)
                self.note("reached", rule=rule)

    def broken(self, rule, saw):
        """Notes the first breach of a rule in this call; the next ones say the same again."""
        self.reached(rule)
        if rule not in self.broken_rules:
            self.broken_rules.add(rule)
            self.note("broken", rule=rule, saw=saw)

    def step(self, take, *arguments):
        """Lets the application do a step, as `take(*arguments)`. What it raises is noted and passes."""
        try:
            result = take(*arguments)
        except StopIteration:
            self._let_through()
            raise
        except BaseException as error:
            self.refused = False
            self.failed = True
            if isinstance(error, AttributeError) and self.missed and repr(self.missed) in str(error):
                self.broken("app.streams-only-listed", "a stream of the server's has no %s" % self.missed)
            if isinstance(error, Exception):
                self.note("raised", saw=in_words(error))
            raise
        self._let_through()
        return result

    def _let_through(self):
        if self.refused:
            self.refused = False
            self.broken("app.no-trap-exc-info", "start_response() with exc_info raised, and the application went on")


def in_words(error):
    """An exception and the line that raised it: `KeyError: 'A' (app.py, line 3)`."""
    said = "%s: %s" % (type(error).__name__, str(error)[:200]) if str(error) else type(error).__name__
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return said
    return "%s (%s, line %d)" % (said, os.path.basename(trace.tb_frame.f_code.co_filename), trace.tb_lineno)


def writer(descriptor):
    """A function that writes events to a descriptor: one write a line, so that those of several processes never mix."""

    def write(event):
        stamped = {**event, "at": time.monotonic(), "pid": os.getpid(), "thread": threading.get_ident()}
        os.write(descriptor, (json.dumps(stamped) + "\n").encode("ascii"))

    return write
