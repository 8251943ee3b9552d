"""The page of one bound or capacity: everything that is known about it.

The statement, the formula as it is printed, its symbols, assumptions and directions, where the constants come from, the derivation (the
docstring), the example that the tests check, and a plot against n.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from bound_plots import plot
from cases import CASES, Case

from genbounds.bounds import Bound, Formula, bibliography, catalogue
from genbounds.bounds.certificate import MODES
from genbounds.bounds.inputs import Domain
from genbounds.bounds.special.rounding import decimal_up

LONG_LINE = 160  # characters of LaTeX that fit a line of the page
NEW_LINE = r" \\ "


# --- text ----------------------------------------------------------------------------------------------------------------------------


def to_myst(text: str) -> str:
    """Prose of a docstring as MyST: code in single backticks (a catalogue name becomes a link), formulas with their signs escaped.

    An indented paragraph, a displayed formula, stays as it is: in a block of code a backslash would be printed.
    """
    if text.startswith("    "):
        return text
    pieces = re.split(r"(``.+?``|(?<![\w*])\*\w[^*\n]*\w\*(?![\w*]))", text)
    return "".join(
        _code(piece[2:-2]) if piece.startswith("``") else piece if index % 2 else escape(piece) for index, piece in enumerate(pieces)
    )


def escape(prose: str) -> str:
    """Signs that Markdown would read as markup, where the docstring means a formula (a line that starts with +, - or 1. is not a list)."""
    return re.sub(r"^(\d*)([-+.)])(?= )", r"\1\\\2", re.sub(r"([*<>|\\_\[\]$~])", r"\\\1", prose), flags=re.MULTILINE)


def _code(name: str) -> str:
    known = {formula.name.split(".")[1]: formula for formula in catalogue()} | {formula.name: formula for formula in catalogue()}
    return f"[`{name}`](#{anchor(known[name])})" if name in known else f"`{name}`"


def anchor(formula: Formula) -> str:
    """The label of a bound's page, which is also the target of links from every page."""
    return formula.name.replace(".", "-").replace("_", "-")


def linked(sentence: str) -> str:
    """A sentence of ``cases`` with single backticks, its catalogue names linked."""
    return re.sub(r"`([^`]+)`", lambda match: _code(match.group(1)), sentence)


def parts_of(doc: str) -> tuple[str, list[str], str]:
    """The statement, the paragraphs after it, and the examples of a docstring."""
    prose, examples = [], []
    for block in re.split(r"\n\s*\n", inspect.cleandoc(doc)):
        (examples if block.lstrip().startswith(">>>") else prose).append(block)
    return prose[0], prose[1:], "\n\n".join(examples)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table; bars inside the cells are escaped already or stand in maths, where \\vert says the same."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def in_cell(latex: str) -> str:
    """Inline maths that may stand in a table."""
    return "$" + latex.replace("|", r"\vert ") + "$"


# --- one bound -----------------------------------------------------------------------------------------------------------------------


def meaning(formula: Formula, name: str) -> str:
    """What an input is, and its default."""
    domain = formula.domains[name]
    assert domain is not None
    default = f" (default {formula.defaults[name]})" if name in formula.defaults else ""
    return escape((domain.meaning or domain.rule) + default)


def direction(formula: Formula, name: str) -> str:
    """Which kinds of measurement may stand for an input, and why."""
    declared = formula.declaration
    if name in declared.fixed_in_advance:
        return "fixed before the sample, or a `Choice`, which is charged"
    how = ", as the class only grows" if name in declared.by_inclusion else ""
    if name in declared.increasing:
        return f"exact, or an upper bound (increasing{how})"
    return f"exact, or a lower bound (decreasing{how})" if name in declared.decreasing else "exact"


def symbols(formula: Formula) -> str:
    """The table of the inputs."""
    rows = []
    for name in formula.inputs:
        domain: Domain | None = formula.domains[name]
        assert domain is not None
        letter = in_cell(formula.declaration.symbols[name] + ("_i" if domain.vector else ""))
        rows.append(
            (
                letter,
                f"`{name}`",
                meaning(formula, name),
                escape(domain.rule.removeprefix("be ").removeprefix("lie ")),
                direction(formula, name),
            )
        )
    return table(("symbol", "argument", "what it is", "domain", "may be measured as"), rows)


def statement_of_mode(formula: Formula) -> str:
    """What is bounded, for whom and how surely."""
    if not isinstance(formula, Bound):
        return "An upper bound on a capacity, no bound on a risk: a `Quantity` of kind `upper`."
    trivial = f"`{formula.trivial}`" if isinstance(formula.trivial, str) else formula.trivial
    until = "" if formula.trivial is None else f" It says nothing from {trivial} upwards."
    return f"Bounds the {formula.bounds_on}, {MODES[formula.mode]}, for {escape(formula.declaration.holds_for)}.{until}"


def forms(formula: Formula) -> str:
    """Every form: its formula and where its constants come from."""
    blocks = []
    for form, reading in formula.forms.items():
        if len(formula.forms) > 1:
            word = "the default" if form == formula.declaration.form else "also"
            blocks.append(f"`{formula.form_argument}={form!r}` ({word}):")
        blocks.append(display(formula, form))
        if len(formula.forms) > 1:
            blocks.append(f"Constants: {reading.provenance}. Source: {cite(reading.source)}.")
    if formula.declaration.chosen:
        listed = ", ".join(in_cell(latex.rstrip("*'")) for latex in formula.declaration.chosen.values())
        blocks.append(f"Found by a search in floats, which can cost tightness but not validity: {listed}.")
    return "\n\n".join(blocks)


def display(formula: Formula, form: Any) -> str:
    """The formula, one term a line where it is long, and below it what its letters stand for."""
    terms, definitions = formula._symbolic(form)
    lines = [rf"{formula.left_side} {formula.declaration.relation}{{}}& {terms[0]}", *(f"&+ {term}" for term in terms[1:])]
    written = " ".join(lines).replace("&", "")
    if len(written) > LONG_LINE:
        written = rf"\begin{{aligned}} {NEW_LINE.join(lines)} \end{{aligned}}"
    shown = f"$$\n{written}\n$$"
    if definitions:
        equations = NEW_LINE.join(definition.replace("=", "&=", 1) for definition in definitions)
        shown += f"\n\nwhere\n\n$$\n\\begin{{aligned}} {equations} \\end{{aligned}}\n$$"
    return shown


def cite(source: bibliography.Source) -> str:
    """Author, year and place."""
    return escape(f"{bibliography.author_year(source.key)}, {source.place}")


def works(formula: Formula) -> list[str]:
    """The keys of its sources, and of the works that its sources' places and its docstring name."""
    sources = [reading.source for reading in formula.forms.values()]
    texts = [inspect.getdoc(formula) or "", *(source.place for source in sources)]
    return [source.key for source in sources] + [key for text in texts for key in bibliography.named(text).values()]


def worked(formula: Formula, case: Case) -> str:
    """The value at the representative case."""
    value = formula(**case.at()).value
    shown = ", ".join(f"`{name}={_shown(entry)}`" for name, entry in case.at().items())
    where = f"The plotted case at {shown}" if case.size else f"At {shown}"
    return f"{where} gives **{value if isinstance(value, int) else decimal_up(float(value), 6)}**."  # type: ignore[arg-type]


def _shown(entry: Any) -> str:
    if isinstance(entry, tuple) and len(entry) > 6:
        return f"({_shown(entry[0])}, ...), {len(entry)} of them"
    return f"{entry:.6g}" if isinstance(entry, float) else str(entry)


def page_of(formula: Formula, figures: Path) -> str:
    """Everything about one bound or capacity; its plot is drawn into ``figures``."""
    case = CASES[formula.name]
    statement, paragraphs, examples = parts_of(formula.__doc__ or "")
    blocks = [
        f"({anchor(formula)})=\n# `{formula.name}`",
        to_myst(statement),
        forms(formula),
        statement_of_mode(formula),
        f"**When to use it.** {linked(case.when)}",
        f"**Symbols and directions**\n\n{symbols(formula)}",
    ]
    for form, reading in formula.forms.items():
        if reading.assumes and (form == formula.declaration.form or reading.assumes != formula.assumes):
            which = "" if form == formula.declaration.form else f" with `{formula.form_argument}={form!r}`"
            listed = "\n".join(f"- *{escape(a.name)}*: {escape(a.statement)}" for a in reading.assumes)
            blocks.append(f"**Assumptions{which}**\n\n{listed}")
    blocks.append(f"**Source.** {cite(formula.source)}. Constants: {formula.provenance}.")
    if paragraphs:
        blocks.append("**Derivation and inputs**\n\n" + "\n\n".join(to_myst(paragraph) for paragraph in paragraphs))
    blocks.append(f"**Example**, checked by the tests\n\n```python\n{examples}\n```")
    if case.size is not None:
        blocks.append(f"![{formula.name} against n](../figures/{plot(formula, case, figures).name})")
    blocks.append(worked(formula, case))
    keys = dict.fromkeys(works(formula))
    blocks.append(f"## Sources\n\n```bibtex\n{bibliography.bibtex(*keys)}\n```")
    return "\n\n".join(blocks) + "\n"
