"""Symmetric identities max_n = sum_t c_t F_{A_t,B_t}: found here, proved by `relumax.kernel.identity`.

Sources: Ruess et al., arXiv 2607.21651; Bakaev et al., arXiv 2505.14338; Wang and Basu, arXiv 2608.25221.
"""

from relumax.discover.identities.linear import MissingFlint
from relumax.discover.identities.public import Identity, Term, from_public, to_public
from relumax.discover.identities.search import Found, NoSolution, Run, discover

__all__ = ["Found", "Identity", "MissingFlint", "NoSolution", "Run", "Term", "discover", "from_public", "to_public"]
