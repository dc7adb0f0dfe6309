"""Queries in VNN-LIB 2.0 and 1.0, and in SMT-LIB: a query asks for a counterexample, a statement says there is none.

>>> from relumax.language.spec import max_spec
>>> query = counterexample(max_spec(2))
>>> print(version_two(query))
(vnnlib-version <2.0>)
<BLANKLINE>
(declare-network N
    (declare-input X real [1,2])
    (declare-output Y real [1,1])
)
<BLANKLINE>
(assert (or (and (< X[0,0] Y[0,0]) (< X[0,1] Y[0,0])) (< Y[0,0] X[0,0]) (< Y[0,0] X[0,1])))
<BLANKLINE>
>>> no_answer(read(version_two(query)))
<for all x in R^2: y = max(x)>

`query` has the data, `tokens` and `reading` read text, `writing` writes it; `asked` makes a query of a statement,
`stated` a statement of a query, `models` the networks that a query speaks of.
"""

from relumax.formats.vnnlib.asked import boxed, counterexample
from relumax.formats.vnnlib.query import Query, holds
from relumax.formats.vnnlib.reading import read
from relumax.formats.vnnlib.stated import no_answer
from relumax.formats.vnnlib.writing import smtlib, version_one, version_two

__all__ = ["Query", "boxed", "counterexample", "holds", "no_answer", "read", "smtlib", "version_one", "version_two"]
