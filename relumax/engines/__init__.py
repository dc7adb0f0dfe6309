"""Engines that look for proofs, one file each; `blocks` and `nine` prove the contracts of gadgets that name them."""
