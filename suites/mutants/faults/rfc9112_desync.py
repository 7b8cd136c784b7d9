"""Faults of the clauses about where messages end, in a chain."""
import time

from gateway.faults import fault
from gateway.response import Response


@fault('desync.head-content', 'sends what an application has for HEAD when it comes well after the head')
def _():
    commit, is_bodyless = Response.commit, Response.is_bodyless

    def timed(self, data):
        self.committed = time.monotonic()
        return commit(self, data)

    def unless_late(self):
        late = self.request.method == 'HEAD' and self.head_sent and time.monotonic() - self.committed > 0.1
        return is_bodyless(self) and not late

    Response.commit, Response.is_bodyless = timed, unless_late
