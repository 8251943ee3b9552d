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
extensions = ["myst_parser", "mathml"]
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3


def _generated(app: Any) -> None:
    """Write the pages of the families and the API reference before Sphinx reads its sources."""
    import generate_families
    import generate_reference

    generate_families.generate(Path(app.srcdir) / "families")
    generate_reference.generate(Path(app.srcdir) / "reference")


def setup(app: Any) -> None:
    """Connect the generators."""
    app.connect("builder-inited", _generated)
