"""Finders, which prove nothing.

Symmetric identities (`identities`), two-layer formulas (`formulas`), and choices inside a network (`choices`).
"""
