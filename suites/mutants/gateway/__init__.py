"""A small WSGI gateway that keeps every rule a server is bound by, and can be told to break exactly one of them.

It serves tests only: the catalogue of clauses is proven on it. `python3 suites/mutants/gateway --help` says how to
start it, `faults.py` how to write a fault.
"""
