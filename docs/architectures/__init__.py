"""Architectures from other packages, on trial: which are read, which are refused and why, and whether ascent refutes a bracket."""
