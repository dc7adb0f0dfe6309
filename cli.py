"""Runs relumax from a checkout: `python cli.py prove --n 8`."""
from relumax.__main__ import run
run()
