"""The names of the catalogue: ``family.name``, or the bare name where it is unique, and what is entered under them."""

from __future__ import annotations

import difflib
from typing import Protocol

FAMILIES: tuple[str, ...] = ("holdout", "vc", "rademacher", "margin", "pac_bayes", "perceptron", "stability", "information")


class Entry(Protocol):
    """What is entered: something with a name, the family in front."""

    name: str
    family: str


_formulas: dict[str, Entry] = {}
_aliases: dict[str, str] = {}


def refuse_folder_name(module: str) -> None:
    """Raise ``ImportError`` for a module of this package that was imported by the name of its folder, ``bounds...``."""
    if module.split(".")[0] == "bounds":
        raise ImportError(
            f"module {module} was imported under the wrong name: import genbounds.{module} "
            "(the folder bounds/ is the package genbounds.bounds)"
        )


def name_of(module: str, function: str) -> str:
    """The catalogue name of a function defined in ``module``: its family is the folder below ``genbounds.bounds``.

    >>> name_of("genbounds.bounds.holdout._hoeffding", "hoeffding")
    'holdout.hoeffding'
    """
    refuse_folder_name(module)
    parts = module.split(".")
    if parts[:2] == ["genbounds", "bounds"] and len(parts) >= 4:
        return f"{parts[2]}.{function}"
    return f"{parts[-1].lstrip('_')}.{function}"


def register(formula: Entry, aliases: tuple[str, ...] = ()) -> None:
    """Enter a formula into the catalogue; ``ValueError`` if another module has taken the name."""
    present = _formulas.get(formula.name)
    if present is not None and present.__module__ != formula.__module__:
        raise ValueError(f"name must be new, got {formula.name!r}, which {present.__module__} has taken: choose another name")
    _formulas[formula.name] = formula
    for alias in aliases:
        _aliases[f"{formula.family}.{alias}"] = formula.name


def entry(name: str) -> Entry:
    """What is entered under this name (``family.name``, an alias, or a bare name where it is unique); ``ValueError`` if nothing is."""
    if name in _formulas:
        return _formulas[name]
    if name in _aliases:
        return _formulas[_aliases[name]]
    candidates = [full for full in _formulas if full.split(".")[1] == name]
    candidates += [full for alias, full in _aliases.items() if alias.split(".")[1] == name]
    if len(candidates) == 1:
        return _formulas[candidates[0]]
    if candidates:
        raise ValueError(f"name must be unique, got {name!r}, which is one of {', '.join(candidates)}: write the family in front")
    bare = {full.split(".")[1]: full for full in _formulas}
    close = difflib.get_close_matches(name, [*_formulas, *bare], n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(dict.fromkeys(bare.get(c, c) for c in close))}?" if close else "genbounds list prints all names"
    raise ValueError(f"name must be one of the catalogue, got {name!r}: {meant}")


def entries(family: str | None = None) -> tuple[Entry, ...]:
    """All that is entered, or what one family holds, in the order of the families and of their names."""
    if family is not None and family not in FAMILIES:
        raise ValueError(f"family must be one of {', '.join(FAMILIES)}, got {family!r}: use one of these words")
    order = {name: index for index, name in enumerate(FAMILIES)}
    chosen = [f for f in _formulas.values() if family is None or f.family == family]
    return tuple(sorted(chosen, key=lambda f: (order.get(f.family, len(order)), f.name)))
