"""How a user's own application is found and loaded, for `mounted.py` and `lint.py`."""
