"""The parts of the probe (`apps/probe.py`): a module per kind of route."""
