"""Formulas as MathML in the page itself: every browser of today draws them, without a script and without the network."""

from __future__ import annotations

from typing import Any

import latex2mathml.converter
from docutils import nodes


def mathml(latex: str, display: str = "inline") -> str:
    r"""A formula as a MathML element.

    >>> mathml(r"\sqrt{n}").startswith('<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><msqrt>')
    True
    """
    # The library knows ``split``, which is the same, and sets ``aligned`` on one line.
    return latex2mathml.converter.convert(latex.replace("{aligned}", "{split}"), display=display)


def _inline(self: Any, node: nodes.math) -> None:
    self.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{mathml(node.astext(), "block")}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer for Sphinx."""
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
