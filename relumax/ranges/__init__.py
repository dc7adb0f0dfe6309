"""For which inputs the arithmetic that runs a network is exact, in every number format, with a checked certificate."""

from relumax.ranges.bits import LayerBits, bytes_reach, layer_bits
from relumax.ranges.check import check_ranges
from relumax.ranges.exact import ARITHMETICS, NAMES, Arithmetic, Ranges, exact_ranges
from relumax.ranges.find import find_ranges
from relumax.ranges.rounding import ErrorBound, rounding_bounds

__all__ = [
    "ARITHMETICS",
    "NAMES",
    "Arithmetic",
    "ErrorBound",
    "LayerBits",
    "Ranges",
    "bytes_reach",
    "check_ranges",
    "exact_ranges",
    "find_ranges",
    "layer_bits",
    "rounding_bounds",
]
