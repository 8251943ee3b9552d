"""The pages of the families, generated from the catalogue: run by Sphinx, or ``python docs/generate_families.py [FOLDER]``.

One page a family, and for each bound what is known about it: the statement, the formula as it is printed, its symbols, assumptions and
directions, where the constants come from, the derivation (the docstring), the example that the tests check, and a plot against n.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

sys.path.insert(0, str(Path(__file__).parent))
from cases import CASES, DELTA, Case

from genbounds.bounds import FAMILIES, Bound, Formula, bibliography, catalogue
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.certificate import MODES
from genbounds.bounds.holdout import clopper_pearson
from genbounds.bounds.inputs import Domain
from genbounds.bounds.special.rounding import decimal_up

TITLES = {
    "holdout": "Held-out data",
    "vc": "Counting: VC dimensions and growth functions",
    "rademacher": "Rademacher complexities",
    "margin": "Margins and norms of networks",
    "pac_bayes": "PAC-Bayes",
    "perceptron": "The perceptron",
    "stability": "Algorithmic stability",
}
POINTS = 40
LAYOUT = "constrained"
"""Of a figure; it takes half of the time of drawing one."""
LONG_LINE = 160  # characters of LaTeX that fit a line of the page
NEW_LINE = r" \\ "


# --- text ----------------------------------------------------------------------------------------------------------------------------


def to_myst(text: str) -> str:
    """Prose of a docstring as MyST: code in single backticks (a catalogue name becomes a link), formulas with their signs escaped."""
    pieces = re.split(r"(``.+?``|(?<![\w*])\*\w[^*\n]*\w\*(?![\w*]))", text)
    return "".join(
        _code(piece[2:-2]) if piece.startswith("``") else piece if index % 2 else _escape(piece) for index, piece in enumerate(pieces)
    )


def _escape(prose: str) -> str:
    """Signs that Markdown would read as markup, where the docstring means a formula (a line that starts with + or - is no list)."""
    return re.sub(r"^([+-])(?= )", r"\\\1", re.sub(r"([*<>|\\_\[\]$~])", r"\\\1", prose), flags=re.MULTILINE)


def _code(name: str) -> str:
    known = {formula.name.split(".")[1]: formula for formula in catalogue()} | {formula.name: formula for formula in catalogue()}
    return f"[`{name}`](#{anchor(known[name])})" if name in known else f"`{name}`"


def anchor(formula: Formula) -> str:
    """The label of a bound's section, which is also the target of links from other pages."""
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
    return _escape((domain.meaning or domain.rule) + default)


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
                _escape(domain.rule.removeprefix("be ").removeprefix("lie ")),
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
    return f"Bounds the {formula.bounds_on}, {MODES[formula.mode]}, for {_escape(formula.declaration.holds_for)}.{until}"


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
    return _escape(f"{bibliography.author_year(source.key)}, {source.place}")


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


def section(formula: Formula, folder: Path) -> str:
    """Everything about one bound or capacity."""
    case = CASES[formula.name]
    statement, paragraphs, examples = parts_of(formula.__doc__ or "")
    blocks = [
        f"({anchor(formula)})=\n## `{formula.name}`",
        to_myst(statement),
        forms(formula),
        statement_of_mode(formula),
        f"**When to use it.** {linked(case.when)}",
        f"**Symbols and directions**\n\n{symbols(formula)}",
    ]
    for form, reading in formula.forms.items():
        if reading.assumes and (form == formula.declaration.form or reading.assumes != formula.assumes):
            which = "" if form == formula.declaration.form else f" with `{formula.form_argument}={form!r}`"
            listed = "\n".join(f"- *{_escape(a.name)}*: {_escape(a.statement)}" for a in reading.assumes)
            blocks.append(f"**Assumptions{which}**\n\n{listed}")
    blocks.append(f"**Source.** {cite(formula.source)}. Constants: {formula.provenance}.")
    if paragraphs:
        blocks.append("**Derivation and inputs**\n\n" + "\n\n".join(to_myst(paragraph) for paragraph in paragraphs))
    blocks.append(f"**Example**, checked by the tests\n\n```python\n{examples}\n```")
    if case.size is not None:
        plot(formula, case, folder / "figures" / f"{anchor(formula)}.svg")
        blocks.append(f"![{formula.name} against n](figures/{anchor(formula)}.svg)")
    blocks.append(worked(formula, case))
    return "\n\n".join(blocks)


# --- plots ---------------------------------------------------------------------------------------------------------------------------


def plot(formula: Formula, case: Case, path: Path) -> None:
    """The bound against n in all its forms, beside Clopper-Pearson at the same empirical risk."""
    sizes = np.unique(np.round(np.geomspace(*case.sizes, POINTS)).astype(int)).tolist()
    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout=LAYOUT)
    for form in formula.forms:
        label = formula.name if len(formula.forms) == 1 else f"{formula.name}, {formula.form_argument}={form!r}"
        values = [formula.value(**case.at(n), **({formula.form_argument: form} if len(formula.forms) > 1 else {})) for n in sizes]
        axes.plot(sizes, values, label=label, linestyle="-" if form == formula.declaration.form else "--")
    if case.risk is not None:
        gap = formula.bounds_on == EXPECTED_GAP
        limits = [
            clopper_pearson.value(errors=round(case.risk * n), n=n, delta=case.inputs.get("delta", DELTA))
            - (float(case.risk) if gap else 0)
            for n in sizes
        ]
        label = f"Clopper-Pearson{' less the empirical risk' if gap else ''} ({float(case.risk):.0%} errors)"
        axes.plot(sizes, limits, color="0.45", linestyle=":", label=label)
    if isinstance(formula.trivial, int):
        axes.axhline(formula.trivial, color="0.8", linewidth=1, zorder=0)
    axes.set(xscale="log", yscale="log", xlabel=case.size, ylabel=formula.bounds_on if isinstance(formula, Bound) else "capacity")
    axes.legend(frameon=False, fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    with matplotlib.rc_context({"svg.hashsalt": formula.name}):
        figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


# --- pages ---------------------------------------------------------------------------------------------------------------------------


def overview(formulas: tuple[Formula, ...]) -> str:
    """The table at the head of a page."""
    rows = [
        (
            f"[`{f.name}`](#{anchor(f)})",
            _escape(f.bounds_on) if isinstance(f, Bound) else "capacity",
            f.mode,
            "; ".join(dict.fromkeys(reading.provenance for reading in f.forms.values())),
        )
        for f in formulas
    ]
    return table(("name", "bounds", "mode", "constants"), rows)


def page(family: str, folder: Path) -> str:
    """The page of one family."""
    formulas = catalogue(family)
    keys = dict.fromkeys(key for formula in formulas for key in works(formula))
    introduction = inspect.getdoc(importlib.import_module(f"genbounds.bounds.{family}")) or ""
    blocks = [
        f"# {TITLES[family]}",
        to_myst(introduction),
        overview(formulas),
        *(section(formula, folder) for formula in formulas),
        f"## Sources\n\n```bibtex\n{bibliography.bibtex(*keys)}\n```",
    ]
    return "\n\n".join(blocks) + "\n"


def index() -> str:
    """The catalogue on one page."""
    entries = "\n".join(FAMILIES)
    modes = "\n".join(f"- `{mode}`: {words}" for mode, words in MODES.items())
    head = "# The catalogue\n\nEvery bound and capacity, generated from its declaration. Modes:\n\n"
    tables = "\n\n".join(f"## {TITLES[family]}\n\n{overview(catalogue(family))}" for family in FAMILIES)
    return f"{head}{modes}\n\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n\n{tables}\n"


def generate(folder: Path) -> list[Path]:
    """Write all pages below ``folder`` (files whose text has not changed are left alone) and return their paths."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    pages = {"index": index(), **{family: page(family, folder) for family in FAMILIES}}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return [folder / f"{name}.md" for name in pages]


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "families"
    print("\n".join(str(path) for path in generate(target)))
