"""Parts of `lint.py`, which see whether an application keeps its side of PEP 3333."""
