"""Finders, which prove nothing: symmetric identities (`identities`) and two-layer formulas (`formulas`)."""
