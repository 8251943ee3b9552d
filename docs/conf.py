"""Sphinx configuration: ``sphinx-build docs docs/_build`` (the extra ``docs`` brings what it needs)."""

import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "genbounds"
author = "The genbounds developers"
release = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
extensions = ["myst_parser", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3


def _families(app: Any) -> None:
    """Write the pages of the families before Sphinx reads its sources."""
    from generate_families import generate

    generate(Path(app.srcdir) / "families")


def setup(app: Any) -> None:
    """Connect the generator."""
    app.connect("builder-inited", _families)
