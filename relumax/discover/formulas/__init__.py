"""Two-layer formulas with few absolute values: atoms (`family`), sparse solutions (`sparse`, `milp`), the search."""
