"""Proofs order by order: engine `symmetric`, and the contracts of formulas over blocks and of the identity of nine.

sums           facts that sum to a fact
formula        sums of |D| over inputs and their pairwise maxima
order          what is known of an order, and the tree of orders
cancel_relus   a tree whose leaves cancel relus: where x_t is the largest, a formula is x_t
cancel_maxima  a tree whose leaves cancel maxima: the identity of nine
place          a lemma about a formula, used at inputs moved by a permutation
reading        the formula that a network with two hidden layers is
symmetric      the engine, and a formula as a lemma: one tree for each orbit of inputs
blocks         contracts over blocks of numbers, from the lemma about single numbers
"""
