"""Sphinx configuration: ``sphinx-build docs docs/_build``."""

project = "genbounds"
author = "The genbounds developers"
release = "0.1.0"
extensions = ["myst_parser"]
html_theme = "furo"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
