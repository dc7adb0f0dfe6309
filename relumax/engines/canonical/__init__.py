"""Engine `canonical`: what a network computes, unit after unit, as affine forms over few atoms; `canonical` says how.

=============  ==================================================================================
atom           a variable that forms are over: an input, a maximum of some, a relu or step of a primitive form
canonical      of a unit, an output, a definition: the one form over atoms that it equals
linked         a form, with the fact that it equals its canonical form
leaf           what maxima are of: an input, or an element of what the statement takes a maximum of
=============  ==================================================================================
"""
