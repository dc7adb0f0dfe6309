"""The checker proved sound in Coq, and what stands around it."""
