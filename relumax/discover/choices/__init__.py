"""Choices inside a network: which of its units are a maximum of several affine forms, or say which
of them wins, or what it carries.

=============  ==============================================================
meanings       each unit as an affine form over inputs, maxima of affine forms, and relus that are neither
finding        which of these maxima the units of a layer add up to, and the subnetwork that they are
winning        units that say which of the competing forms is the largest
gating         trees of gates: what the largest of the forms carries with it
inside         all of them, over the inputs and over what each layer holds
=============  ==============================================================
"""

from relumax.discover.choices.finding import Found
from relumax.discover.choices.inside import inspect

__all__ = ["Found", "inspect"]
