"""Formal verification and symbolic analysis of ReLU networks that choose."""
