"""Which formulas of the catalogue a reader asks for: by what is at hand, and by words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from genbounds.bounds import Formula, catalogue
from genbounds.bounds.bibliography import author_year

CHOSEN = "delta"
"""The failure probability is not measured: whoever wants a bound chooses it."""


def needed(formula: Formula) -> list[str]:
    """The inputs without which there is no bound, delta apart.

    >>> from genbounds.bounds import get
    >>> needed(get("holdout.clopper_pearson"))
    ['errors', 'n']
    """
    return [name for name in formula.inputs if name not in formula.defaults and name != CHOSEN]


def at_hand(formulas: Sequence[Formula], text: str) -> list[Formula]:
    """The formulas of which all that is needed is in the comma-separated text; ``ValueError`` for an input of none.

    >>> from genbounds.bounds import catalogue
    >>> [formula.name for formula in at_hand(catalogue("holdout"), "errors,n")]
    ['holdout.clopper_pearson', 'holdout.confidence_sequence']
    """
    have = {word.strip() for word in text.split(",") if word.strip()}
    known = sorted({name for formula in catalogue() for name in formula.inputs})
    for name in sorted(have - {CHOSEN, *known}):
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        meant = f"did you mean {' or '.join(close)}?" if close else "genbounds list prints the inputs of each bound"
        raise ValueError(f"--have must name inputs of bounds, separated by commas, got {name!r}: {meant}")
    if not have:
        raise ValueError(f"--have must name inputs of bounds, separated by commas, got {text!r}: write --have errors,n")
    return [formula for formula in formulas if have.issuperset(needed(formula))]


def nearest(formulas: Iterable[Formula], text: str) -> str:
    """What is missing least, in words, where nothing is ``at_hand``."""
    have = {word.strip() for word in text.split(",")}
    missing = {formula.name: [name for name in needed(formula) if name not in have] for formula in formulas}
    fewest = min(map(len, missing.values()))
    close = [f"{name} needs {' and '.join(names)} too" for name, names in missing.items() if len(names) == fewest]
    return f"{'; '.join(close[:3])}{f'; {len(close) - 3} more are as near' if len(close) > 3 else ''}"


def found_by(formulas: Iterable[Formula], words: Sequence[str]) -> list[Formula]:
    """The formulas in which every word occurs, whatever its case: in the name, the statement, the inputs, the assumptions or the source."""
    return [formula for formula in formulas if all(word.lower() in _text(formula) for word in words)]


def _text(formula: Formula) -> str:
    assumed = [entry.name for entry in formula.assumes]
    source = [author_year(formula.source.key), formula.source.key, formula.source.place]
    return " ".join([formula.name, formula.statement, *formula.inputs, *assumed, *source]).lower()
