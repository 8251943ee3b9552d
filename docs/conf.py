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


def _open_branch(app: Any, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """In the navigation of a page open only the branch that leads to it: all 160 pages of bounds in each would take half of the build."""
    whole = context["toctree"]
    context["toctree"] = lambda **options: whole(**{**options, "collapse": True})


def setup(app: Any) -> None:
    """Connect the generators, and the navigation before the theme (at 500) draws it."""
    app.connect("builder-inited", _generated)
    app.connect("html-page-context", _open_branch, priority=400)
