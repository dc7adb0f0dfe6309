"""The inputs for which a network's arithmetic is exact, as commands say it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from relumax.errors import BudgetExceeded
from relumax.words import DOUBLE, DTYPES, HALF, SINGLE

if TYPE_CHECKING:
    from relumax.formats import LoadedNetwork
    from relumax.network.layers import Network
    from relumax.ranges import ErrorBound

COMPUTES = {HALF: (HALF, "float16 in float32"), SINGLE: (SINGLE, "tf32"), DOUBLE: (DOUBLE,)}
"""By the type of a file's weights: how runtimes compute with it, the type's own arithmetic first."""
Exact = dict[str, Fraction | None]
Errors = dict[str, "ErrorBound | None"]


def step_of(options: dict[str, Any]) -> Fraction:
    """The step of the inputs' lattice: the promised one if it is a binary fraction, else 1."""
    given = options.get("lattice")
    step = Fraction(1) if given is None else Fraction(given)
    return step if step > 0 and step.denominator & (step.denominator - 1) == 0 else Fraction(1)


def exact_to(network: Network, step: Fraction = Fraction(1), names: tuple[str, ...] = ()) -> Exact | None:
    """B by arithmetic (`names`, else all), as `relumax.ranges.Ranges` has it; None for a network too large."""
    from relumax.ranges import NAMES, exact_ranges

    found = exact_ranges(network, step, names or NAMES)
    return found and found.most


def exact_and_errors(network: Network, step: Fraction, names: tuple[str, ...] = ()) -> tuple[Exact | None, Errors]:
    """The same, and the bound of rounding errors by float arithmetic, from one search."""
    from relumax.ranges import NAMES, exact_ranges, rounding_bounds

    found = exact_ranges(network, step, names or NAMES)
    if found is None or found.sums is None:
        return found and found.most, {}
    return found.most, rounding_bounds(network, found.sums, names or NAMES)


def errors_as_json(errors: Errors) -> dict[str, dict[str, str] | None]:
    """The bounds with numbers as texts, rounded up (`most`: down) to six digits."""
    return {
        name: one and {key: _digits(value, 6, key != "most") for key, value in one._asdict().items()}
        for name, one in errors.items()
    }


def error_line(errors: Errors) -> str:
    """What `show` says of other numbers: a bound for each float type that has one."""
    known = ", ".join(f"{_bound(one)} ({name})" for name, one in errors.items() if one)
    return f"|error| <= {known} for any numbers, m = max |x[i]|" if known else "no bound for other numbers"


def error_sentence(name: str, one: ErrorBound) -> str:
    """The bound of one type as a sentence."""
    reach = _digits(one.most, 2, False)
    return f"{name}: any numbers |x[i]| <= m <= {reach} give it within {_bound(one)}, in every order of sums"


def error_clause(ranges: str, dtype: str) -> str:
    """The same of one type, for the line of an export: what stands among these lines, or nothing."""
    found = [line for line in ranges.splitlines() if line.startswith(f"{dtype}: any numbers")]
    return f"; {found[0].partition(': ')[2].partition(',')[0]}" if found else ""


def _bound(one: ErrorBound) -> str:
    """Its two numbers, rounded up; the second holds where subnormals are flushed to zero, too."""
    return f"{_digits(one.relative, 2, True)} m + {_digits(one.flushed, 2, True)}"


def _digits(value: Fraction, count: int, up: bool) -> str:
    """A number with so many digits, rounded up or down.

    >>> _digits(Fraction(1, 3), 2, True), _digits(Fraction(65504), 2, False), _digits(Fraction(2) ** -126, 3, True)
    ('0.34', '6.5e+4', '1.18e-38')
    """
    from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

    context = Context(count, ROUND_CEILING if up else ROUND_FLOOR, Emin=-99999, Emax=99999, capitals=0)
    found = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    return str(found) if -3 <= found.adjusted() < 3 else f"{found:.{count - 1}e}"


def integers_to(network: Network, dtype: str, as_onnx: bool) -> int:
    """B such that integers |x_i| <= B keep everything inside an integer type (ONNX: int8, uint8 and int32).

    0 where there is none; raises FormatError where ONNX's types do not hold a layer, BudgetExceeded.
    """
    from relumax.ranges import bytes_reach, exact_ranges

    if as_onnx:
        return int(bytes_reach(network))
    found = exact_ranges(network, names=(dtype,))
    if found is None:
        raise BudgetExceeded(f"--dtype {dtype}: the ranges of a network so large are not computed")
    return int(found.most[dtype] or 0)


def as_json(exact: Exact | None) -> dict[str, str | None] | None:
    """The same with numbers as texts."""
    if exact is None:
        return None
    return {name: None if most is None else str(most) for name, most in exact.items()}


def sentence(name: str, most: Fraction | None, step: Fraction) -> str:
    """One arithmetic's range as a sentence.

    >>> sentence("float32", Fraction(599185), Fraction(1))
    'float32: weights exact; every input of integers |x[i]| <= 599,185 gives the exact value'
    """
    if most is None:
        return f"{name}: weights not exact"
    if not most:
        return f"{name}: weights exact; no inputs are proved to give the exact value"
    return f"{name}: weights exact; every input of {inputs_in_words(most, step)} gives the exact value"


def line(exact: Exact | None, step: Fraction) -> str:
    """What `show` says: B of each arithmetic whose weights are exact."""
    if exact is None:
        return "not computed for a network so large"
    known = ", ".join(f"{_said(most) if most else 'none'} ({name})" for name, most in exact.items() if most is not None)
    return f"{_multiples(step)} |x[i]| <= {known}" if known else "no float or integer type holds every weight"


def exact_lines(loaded: LoadedNetwork) -> list[str]:
    """For which integers the arithmetics of a file's own type are exact.

    Nothing of a file of rationals, or of one whose own operations are others than the network's.
    """
    names = COMPUTES.get(loaded.dtype or "", ()) if loaded.literal else ()
    exact = exact_to(loaded.network) if names else None
    return [sentence(name, exact[name], Fraction(1)) for name in names] if exact else []


def inputs_in_words(most: Fraction, step: Fraction) -> str:
    """The inputs of a range: integers |x[i]| <= 1,000."""
    return f"{_multiples(step)} |x[i]| <= {_said(most)}"


def power(most: Fraction | None) -> str:
    """The power of two that a range reaches, for a table."""
    if most is None or most < 1:
        return "-"
    return f"2^{int(most).bit_length() - 1}"


def check_range(wanted: Fraction | None, step: Fraction) -> None:
    """Raise UsageError for an --input-range that is not positive, or is no input itself."""
    if wanted is not None and wanted <= 0:
        raise click.UsageError(f"--input-range is positive, not {wanted}")
    if wanted is not None and wanted % step:
        raise click.UsageError(
            f"--input-range {wanted}: what is proved is about multiples of {step} (the --lattice, else integers), "
            f"and {wanted} is none"
        )


def reached(exact: Exact | None, dtype: str, wanted: Fraction, step: Fraction) -> str | None:
    """Why a type's own arithmetic does not reach a range, and the smallest type that does; None if it does."""
    if exact is None:
        return "--input-range: the ranges of a network so large are not computed"
    most = exact[dtype]
    if most is not None and most >= wanted:
        return None
    larger = next((name for name in DTYPES if (exact[name] or 0) >= wanted), None)
    advice = f"{larger} does (--dtype {larger})" if larger else "no float type does"
    return f"--input-range {wanted}: {dtype} does not reach it ({sentence(dtype, most, step)}); {advice}"


def _multiples(step: Fraction) -> str:
    return "integers" if step == 1 else f"multiples of {step}"


def _said(most: Fraction) -> str:
    return f"{most.numerator:,}" if most.denominator == 1 else str(most)
