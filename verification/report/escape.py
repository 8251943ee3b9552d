"""Text escaped for LaTeX and for Markdown: whatever a study calls its network, the files stay whole."""

from __future__ import annotations

import re

_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "ν": "nu",
    "ξ": "xi",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "φ": "phi",
    "χ": "chi",
    "ψ": "psi",
    "ω": "omega",
}
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "[": "{[}",
    "]": "{]}",
    "\u202f": r"\,",
    "\u00a0": "~",
    "–": "--",
    "−": "$-$",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "∞": r"$\infty$",
    "·": r"$\cdot$",
    "±": r"$\pm$",
    "√": r"$\surd$",
    **{letter: rf"$\{name}$" for letter, name in _GREEK.items()},
}
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SUPERSCRIPT_RUN = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_TEX_SPECIAL = re.compile("|".join(re.escape(character) for character in _TEX))
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~$])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Safe(str):
    """Text that is escaped already."""

    __slots__ = ()


def tex(text: object) -> Safe:
    r"""Escape text for LaTeX; Greek letters, signs and superscripts become mathematics.

    >>> print(tex("50 % of R&D_1"), tex("1.2 × 10⁵"))
    50 \% of R\&D\_1 1.2 $\times$ 10$^{5}$
    """
    if isinstance(text, Safe):
        return text
    plain = " ".join(_CONTROL.sub("", str(text)).split("\n"))
    escaped = _TEX_SPECIAL.sub(lambda match: _TEX[match.group()], plain)
    return Safe(_SUPERSCRIPT_RUN.sub(lambda match: f"$^{{{match.group().translate(_SUPERSCRIPTS)}}}$", escaped))


def tex_name(text: str) -> Safe:
    r"""A catalogue name in typewriter type that may break after a dot, an underscore or a year.

    >>> print(tex_name("vc.growth_function"))
    \texttt{vc.\allowbreak{}growth\_\allowbreak{}function}
    """
    breakable = re.sub(r"(\.|\\_|\d{4}(?=[a-z]))", r"\1\\allowbreak{}", tex(text))
    return Safe(rf"\texttt{{{breakable}}}")


def markdown(text: object) -> Safe:
    r"""Escape text for a paragraph or a table cell of Markdown.

    >>> print(markdown("a|b *c*"))
    a\|b \*c\*
    """
    if isinstance(text, Safe):
        return text
    return Safe(_MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(_CONTROL.sub("", str(text)).split("\n"))))
