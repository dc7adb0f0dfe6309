"""Engines that look for proofs, and what they are made of; `provers` says which one proves a gadget's contract."""
