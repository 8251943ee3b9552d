"""The keywords of ``bound`` and ``capacity``, for type checkers and at run time: a misspelt or wrongly typed one is refused."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Required, TypedDict

from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import LEFT_SIDE
from genbounds.bounds.certificate import MODES, Mode
from genbounds.bounds.declaration import Declaration
from genbounds.bounds.exact import Exact
from genbounds.bounds.inputs import Domain, Requirement
from genbounds.bounds.membership import Membership

_NAMES = ("increasing", "decreasing", "by_inclusion", "fixed_in_advance", "aliases")
"""Keywords that hold several names: a single string would be read letter by letter."""
_OF_INPUTS = ("increasing", "decreasing", "by_inclusion", "fixed_in_advance", "domains", "takes", "at")
"""Keywords that say something about inputs, by their names."""
_TEXTS = ("gives", "provenance", "form_argument", "holds_for", "left_side", "relation", "mode", "bounds_on")
"""Keywords that hold a text."""


class Declared(TypedDict, total=False):
    """The keywords of ``bound`` and ``capacity``: the fields of ``Declaration``, of which ``source`` and ``symbols`` are needed.

    Annotate with it what several bounds share.

    >>> from genbounds.bounds import Source, bound
    >>> shared: Declared = {"source": Source("Doe 2026", "Lemma 3"), "symbols": {"n": "n", "delta": "d"}}
    >>> bound(**shared, incresing=("n",))
    Traceback (most recent call last):
    ...
    TypeError: bound has no keyword 'incresing': did you mean 'increasing'?
    """

    source: Required[Source]
    symbols: Required[Mapping[str, str]]
    assumes: tuple[Assumption, ...]
    increasing: tuple[str, ...]
    decreasing: tuple[str, ...]
    domains: Mapping[str, Domain]
    requires: tuple[Requirement, ...]
    fixed_in_advance: tuple[str, ...]
    gives: str
    takes: Mapping[str, tuple[str, ...]]
    at: Mapping[str, Callable[[Mapping[str, Any]], Any]]
    provenance: str
    choose: Callable[..., dict[str, Any]] | None
    membership: Membership | None
    long: Callable[..., float | None] | None
    remark: Callable[..., str] | None
    chosen: Mapping[str, str]
    form_argument: str
    form: Any
    bounds_on: str
    holds_for: str
    mode: Mode
    trivial: Exact | str | None
    by_inclusion: tuple[str, ...]
    aliases: tuple[str, ...]
    left_side: str
    relation: str


def declaration(decorator: str, words: Mapping[str, Any]) -> Declaration:
    """The declaration of these keywords of ``decorator``; ``TypeError`` or ``ValueError`` for one that is wrong, and what it should be.

    >>> from genbounds.bounds import Source
    >>> declaration("bound", {"source": Source("Doe 2026", "Lemma 3"), "symbols": {"n": "n"}, "increasing": "n"})
    Traceback (most recent call last):
    ...
    TypeError: increasing of bound must be a tuple of str, got 'n': write ('n',)
    """
    names = [one.name for one in fields(Declaration)]
    for name in words:
        if name not in names:
            raise TypeError(f"{decorator} has no keyword {name!r}: {_meant(name, names)}")
    for name in ("source", "symbols"):
        if name not in words:
            raise TypeError(f"{decorator} needs the keyword {name}: {_NEEDED[name]}")
    for name, value in words.items():
        _check(decorator, name, value)
    return Declaration(**words)


def check_names(formula: str, inputs: tuple[str, ...], declared: Declaration) -> None:
    """``TypeError`` where a keyword names an input that the formula does not have.

    >>> from genbounds.bounds import Source
    >>> check_names("mine.f", ("n", "delta"), Declaration(Source("Doe 2026", "Lemma 3"), {}, decreasing=("n", "detla")))
    Traceback (most recent call last):
    ...
    TypeError: decreasing of mine.f must name inputs of its formula, got 'detla': did you mean 'delta'?
    """
    for keyword in _OF_INPUTS:
        for name in getattr(declared, keyword):
            if name not in inputs:
                raise TypeError(f"{keyword} of {formula} must name inputs of its formula, got {name!r}: {_meant(name, inputs)}")


_NEEDED = {
    "source": "where the theorem stands, for example Source('Doe 2026', 'Lemma 3')",
    "symbols": "the LaTeX of each input, for example {'n': 'n', 'delta': r'\\delta'}",
}


def _check(decorator: str, name: str, value: Any) -> None:
    where = f"{name} of {decorator}"
    if name in _NAMES and not _tuple_of(value, str):
        raise TypeError(f"{where} must be a tuple of str, got {value!r}: write {(value,) if isinstance(value, str) else ('n', 'delta')!r}")
    for of, kind in (("assumes", Assumption), ("requires", Requirement)):
        if name == of and not _tuple_of(value, kind):
            raise TypeError(f"{where} must be a tuple of {kind.__name__}, got {value!r}: write a comma after a single one, as in (one,)")
    if name == "source" and not isinstance(value, Source):
        raise TypeError(f"{where} must be a Source, got {value!r}: {_NEEDED[name]}")
    if name in ("symbols", "domains", "takes", "at", "chosen") and not isinstance(value, Mapping):
        raise TypeError(f"{where} must be a mapping of the names of inputs, got {value!r}: write a dict")
    if name in _TEXTS and not isinstance(value, str):
        raise TypeError(f"{where} must be a str, got {value!r}: write it in quotation marks")
    for of, known in (("mode", MODES), ("bounds_on", LEFT_SIDE)):
        if name == of and value not in known:
            raise ValueError(f"{where} must be one of {', '.join(map(repr, known))}, got {value!r}: {_meant(str(value), list(known))}")


def _tuple_of(value: Any, kind: type) -> bool:
    return isinstance(value, tuple) and all(isinstance(entry, kind) for entry in value)


def _meant(name: str, known: list[str] | tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}"
