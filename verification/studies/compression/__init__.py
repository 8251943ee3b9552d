"""Compression: cells, what a cell does, and the study."""
