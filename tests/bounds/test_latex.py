"""Every formula in print: through a LaTeX parser always, through TeX itself where it is installed (``pytest -m slow``)."""

from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from latex2mathml.converter import convert
from latex2mathml.exceptions import (
    DenominatorNotFoundError,
    DoubleSubscriptsError,
    ExtraLeftOrMissingRightError,
    InvalidAlignmentError,
    NoAvailableTokensError,
)

from genbounds.bounds import Certificate, Formula, Quantity, catalogue, get
from genbounds.bounds.bibliography import bibtex

PRINTED = [(formula, form) for formula in catalogue() for form in formula.forms]
NAMES = [f"{formula.name}-{form}" for formula, form in PRINTED]
MALFORMED = (DenominatorNotFoundError, DoubleSubscriptsError, ExtraLeftOrMissingRightError, InvalidAlignmentError, NoAvailableTokensError)

PREAMBLE = r"""\documentclass{article}
\usepackage{amsmath,amssymb,booktabs}
\usepackage[a2paper,landscape,margin=1cm]{geometry}
\begin{document}
"""


def mathml(latex: str) -> str:
    """The MathML of a formula; ``ValueError`` where the parser had to let something through that it could not read."""
    depth = 0
    for token in re.findall(r"\\.|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            raise ValueError(f"a brace is closed that was not opened in {latex}")
    if depth:
        raise ValueError(f"a brace is not closed in {latex}")
    text = str(convert(latex))
    unread = re.findall(r">\s*(\\[A-Za-z]+|[_^&])\s*<", text)
    if unread:
        raise ValueError(f"{unread} is not read in {latex}")
    return text


@pytest.mark.parametrize(("formula", "form"), PRINTED, ids=NAMES)
def test_the_formula_is_read_by_a_parser(formula: Formula, form: Any) -> None:
    latex = formula.latex(form)
    left, _, right = latex.partition(f" {formula.declaration.relation} ")
    assert left == formula.left_side
    assert right.strip()
    tree = mathml(latex)
    for name in formula.inputs:
        symbol = formula.declaration.symbols[name]
        assert mathml(symbol)
    assert tree.count("<m") == tree.count("</m") + len(re.findall(r"<m[^>]*/>", tree))


@pytest.mark.parametrize("broken", [r"\frac{1", "a}", r"\left( a", r"\unheard{2}", "a_i_j", r"\frac"])
def test_the_parser_refuses_what_tex_would(broken: str) -> None:
    with pytest.raises((*MALFORMED, ValueError)):
        mathml(broken)


def _certificates() -> list[Certificate]:
    """One of each look: plain, vacuous, an estimate, without a level, with an assumption that was found violated."""
    hoeffding, novikoff = get("holdout.hoeffding"), get("perceptron.novikoff")
    inputs: dict[str, Any] = {"empirical_risk": Fraction(1, 50), "n": 500, "delta": Fraction(1, 20)}
    plain = hoeffding(**inputs)
    assert isinstance(plain, Certificate)
    estimate = hoeffding.estimate(**{**inputs, "empirical_risk": Quantity(0.02, "estimate", "a glance")})  # type: ignore[attr-defined]
    vacuous = hoeffding(**{**inputs, "n": 1})
    violated = plain.audited({plain.assumptions[0].assumption: ("violated", "the sample was sorted")})
    return [plain, estimate, vacuous, violated, novikoff(radius=1, margin=Fraction(1, 10))]  # type: ignore[list-item]


def document() -> str:
    """A document with every formula in every form, and a table of certificates with its citations."""
    formulas = "\n".join(f"\\[ {formula.latex(form)} \\]" for formula, form in PRINTED)
    rows = "\n".join(certificate.latex() for certificate in _certificates())
    keys = sorted({reading.source.key for formula, _ in PRINTED for reading in formula.forms.values()} | {"genbounds"})
    items = "\n".join(rf"\bibitem{{{key}}} {key}." for key in keys)
    table = f"\\begin{{tabular}}{{lrrl}}\n\\toprule\n{rows}\n\\bottomrule\n\\end{{tabular}}"
    return f"{PREAMBLE}{formulas}\n{table}\n\\begin{{thebibliography}}{{9}}\n{items}\n\\end{{thebibliography}}\n\\end{{document}}\n"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here: Debian's texlive-latex-recommended brings it")
def test_tex_sets_every_formula_and_a_table_of_certificates(tmp_path: Path) -> None:
    (tmp_path / "all.tex").write_text(document(), encoding="utf-8")
    for _ in range(2):  # the second run knows the citations
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:]
    log = (tmp_path / "all.log").read_text(encoding="utf-8", errors="replace")
    assert "undefined" not in log, [line for line in log.splitlines() if "undefined" in line]
    assert (tmp_path / "all.pdf").stat().st_size > 10_000


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bibtex") is None or shutil.which("pdflatex") is None, reason="no pdflatex and bibtex here")
def test_bibtex_sets_every_entry_of_the_bibliography(tmp_path: Path) -> None:
    keys = sorted({reading.source.key for formula, _ in PRINTED for reading in formula.forms.values()})
    (tmp_path / "sources.bib").write_text("\n\n".join(bibtex(key) for key in keys), encoding="utf-8")
    body = f"\\cite{{{','.join(keys)}}}\\bibliographystyle{{plain}}\\bibliography{{sources}}"
    (tmp_path / "all.tex").write_text(f"{PREAMBLE}{body}\\end{{document}}", encoding="utf-8")
    for command in (["pdflatex", "-interaction=nonstopmode", "all.tex"], ["bibtex", "all"]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:]
    assert "Warning" not in done.stdout, done.stdout
