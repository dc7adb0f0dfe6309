"""Program -> exact layered network: `layers` (what a network is), `compile` (from a program), `evaluate` (values)."""
