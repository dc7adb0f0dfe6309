from relumax.__main__ import run  # from a checkout: `python cli.py prove --n 8`

run()
