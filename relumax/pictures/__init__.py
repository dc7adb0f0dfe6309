"""Pictures: networks, linear regions, proofs, the catalogue. Exact until the last moment: floats only place the ink.

plane, pieces    polygons of a plane on which a network is affine, in integers; the pieces they make, what is wrong
tree             a proof as a tree
layered, regions, proofs, catalogue    the four pictures, each a function that gives a `Picture`; verdicts chooses one
style            the one place that imports matplotlib (the extra `pictures`); colours, the same bytes every time
numbers          how they are written
notebook         what a notebook shows of verdicts and theorems, without any library
"""

from relumax.pictures.catalogue import draw_catalogue
from relumax.pictures.layered import draw_network
from relumax.pictures.plane import axes, level, plane
from relumax.pictures.proofs import draw_proof
from relumax.pictures.regions import Look, draw_regions

__all__ = ["Look", "axes", "draw_catalogue", "draw_network", "draw_proof", "draw_regions", "level", "plane"]
