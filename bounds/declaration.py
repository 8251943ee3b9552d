"""What is declared with a formula: its source, directions, domains and assumptions, and the forms of one theorem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.certificate import Mode
from genbounds.bounds.exact import Exact
from genbounds.bounds.inputs import Domain, Requirement
from genbounds.bounds.membership import Membership

READ = "read in the source"
DERIVED = "derived here"
PRINTED = "as printed, not re-read"
NOT_STATED = "not stated"

Terms = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """One reading of a theorem: formula, source of constants, assumptions, the search for what is chosen, and what that must satisfy."""

    formula: Callable[..., Terms]
    source: Source
    provenance: str
    assumes: tuple[Assumption, ...] = ()
    choose: Callable[..., dict[str, Any]] | None = None
    membership: Membership | None = None

    def __post_init__(self) -> None:
        """Refuse a search without a statement of what its choices must satisfy."""
        if (self.choose is None) != (self.membership is None):
            raise TypeError(f"{self.formula.__qualname__}: choose and membership come together: say what the choices must satisfy")


@dataclass(frozen=True)
class Declaration:
    """What the decorator was told; the fields are those of ``bound`` and ``capacity``.

    ``provenance`` says where the constants come from: ``READ``, ``DERIVED`` or ``PRINTED``; a formula that does not say is ``NOT_STATED``.
    ``increasing`` and ``decreasing`` say where a measured upper or lower bound may stand. ``by_inclusion`` names those of them where this
    is so because the class of hypotheses only grows, though a search or a grid keeps the number itself from being monotone. ``membership``
    states what the choices of ``choose`` must satisfy, each of them: certificates prove it (``bounds/membership.py``). ``long`` reads a
    capacity of long vectors of doubles without a ball for each entry: an upper bound, or None where it has none. ``remark`` of the choices
    is added to how a capacity was found. ``chosen`` gives the LaTeX of what ``choose`` returns: a mark ' at its end says that it is a
    vector over the layers, a mark * a matrix over levels and layers. ``gives`` names the input of the catalogue that a capacity can stand
    for; where it stands for none, it names what it is. ``takes`` says what a certificate must bound, or a capacity give, to stand for an
    input; the other inputs take no certificate, and the capacities that give what the input is called. Such a value must have been made at
    the ``n`` of the bound; ``at`` says at which number of examples instead, as a function of the inputs by name, None for any number.
    ``left_side`` and ``relation`` stand before the formula in print where the field writes more than what is bounded.
    """

    source: Source
    symbols: Mapping[str, str]
    assumes: tuple[Assumption, ...] = ()
    increasing: tuple[str, ...] = ()
    decreasing: tuple[str, ...] = ()
    domains: Mapping[str, Domain] = field(default_factory=dict)
    requires: tuple[Requirement, ...] = ()
    fixed_in_advance: tuple[str, ...] = ()
    gives: str = ""
    takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at: Mapping[str, Callable[[Mapping[str, Any]], Any]] = field(default_factory=dict)
    provenance: str = NOT_STATED
    choose: Callable[..., dict[str, Any]] | None = None
    membership: Membership | None = None
    long: Callable[..., float | None] | None = None
    remark: Callable[..., str] | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    form_argument: str = "form"
    form: Any = ""
    bounds_on: str = RISK
    holds_for: str = "the given hypothesis"
    mode: Mode = "HP"
    trivial: Exact | str | None = 1
    by_inclusion: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    left_side: str = ""
    relation: str = r"\le"
