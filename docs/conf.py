"""The site: `sphinx-build -W -c docs . site` in a checkout."""

project = "relumax"
author = "the relumax authors"
copyright = author
extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/*.md",
    "proofs/README.md",
    "benchmarks/README.md",
    "relumax/kernel/FORMAT.md",
    "tests/kernel/MUTANTS.md",
]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # of `console` blocks, which hold any output
autodoc_typehints = "description"
autodoc_member_order = "bysource"
html_theme = "furo"
html_title = "relumax"
