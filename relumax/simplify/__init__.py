"""From a program to its closed form: the max-plus rewriting, regions, and how both are written."""

from relumax.simplify.closed import ClosedForm, closed_form

__all__ = ["ClosedForm", "closed_form"]
