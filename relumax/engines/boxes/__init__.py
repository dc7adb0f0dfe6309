"""Engine `boxes`: linear statements about any network on a box, by halving the box until relaxations say enough.

Of a unit h = relu(s) that may be off and on in a box, l <= s <= u, what is known are three lines:

    h >= 0      h >= s      h <= k s + m,  k about u / (u - l), m = max(-k l, (1 - k) u)

A sum over units is bounded by putting in one of these for each, layer after layer, down to the inputs (Zhang et al.,
CROWN, NeurIPS 2018; Singh et al., DeepPoly, POPL 2019). In smaller boxes fewer units are undecided.

========  ==============================================================================================
floats    finds the boxes into which the input's box has to be cut, and points where the statement is false
exact     the same sums in integers, as facts
leaves    the proof in one box: a task of its own, wherever tasks run
boxes     the proof: the halves and their boxes
========  ==============================================================================================
"""
