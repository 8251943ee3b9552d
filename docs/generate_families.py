"""The pages of the families, generated from the catalogue: run by Sphinx, or ``python docs/generate_families.py [FOLDER]``.

A page for each family with the table of its bounds, a page for each bound and capacity, and one with the whole catalogue.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from bound_pages import anchor, escape, page_of, table, to_myst

from genbounds.bounds import FAMILIES, Bound, Formula, catalogue
from genbounds.bounds.certificate import MODES

TITLES = {
    "holdout": "Held-out data",
    "vc": "Counting: VC dimensions and growth functions",
    "rademacher": "Rademacher complexities",
    "margin": "Margins and norms of networks",
    "pac_bayes": "PAC-Bayes",
    "perceptron": "The perceptron",
    "stability": "Algorithmic stability",
    "information": "Information",
}


def overview(formulas: tuple[Formula, ...]) -> str:
    """The table of some formulas, each linked to its page."""
    rows = [
        (
            f"[`{f.name}`](#{anchor(f)})",
            escape(f.bounds_on) if isinstance(f, Bound) else "capacity",
            f.mode,
            "; ".join(dict.fromkeys(reading.provenance for reading in f.forms.values())),
        )
        for f in formulas
    ]
    return table(("name", "bounds", "mode", "constants"), rows)


def family_page(family: str) -> str:
    """The page of one family: what its module says, the table, and the links to its bounds' pages."""
    formulas = catalogue(family)
    introduction = inspect.getdoc(importlib.import_module(f"genbounds.bounds.{family}")) or ""
    names = [formula.name.split(".")[1] for formula in formulas]
    entries = "\n".join(f"{name} <{family}/{name}>" for name in names)
    blocks = [f"# {TITLES[family]}", to_myst(introduction), overview(formulas), f"```{{toctree}}\n:hidden:\n\n{entries}\n```"]
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
    pages = {"index": index(), **{family: family_page(family) for family in FAMILIES}}
    for formula in catalogue():
        pages[formula.name.replace(".", "/")] = page_of(formula, folder / "figures")
    paths = [write(folder / f"{name}.md", text) for name, text in pages.items()]
    for old in {*folder.rglob("*.md")} - {*paths}:  # the page of a bound that is no longer there
        old.unlink()
    return paths


def write(path: Path, text: str) -> Path:
    """Write a page unless it says the same already, so that Sphinx reads again only what has changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "families"
    print("\n".join(str(path) for path in generate(target)))
