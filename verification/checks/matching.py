"""The match: a bound is judged in a scenario by their declarations alone.

A bound is judged where (a) the scenario knows what it bounds, (b) every input without a default is supplied, by the scenario or by a
capacity (or a bound on that input) that can be computed from what the scenario supplies, and (c) every assumption stands in the scenario's
audit as ``by construction`` or ``checked``. With one of them ``violated`` the pair is shown and not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from genbounds.bounds.assumptions import Assumption, known
from genbounds.bounds.formula import Formula
from genbounds.bounds.lookup import catalogue
from genbounds.bounds.theorem import Bound, Capacity
from genbounds.bounds.worlds import FLOATS
from genbounds.verification.scenarios.scenario import Scenario

NO_INPUT = frozenset({"delta"})
"""What the rung chooses, not the scenario."""


@dataclass(frozen=True)
class Feed:
    """An input that a capacity, or a bound on it, supplies from the scenario's own inputs.

    ``at`` says at which number of examples instead of n; ``whole`` that the input counts something.
    """

    name: str
    formula: Bound | Capacity
    at: Callable[[Mapping[str, Any]], Any] | None = None
    whole: bool = False


@dataclass(frozen=True)
class Match:
    """Whether and how a bound meets a scenario.

    Attributes:
        bound: the bound, in one of its forms.
        scenario: the scenario.
        feeds: inputs that come through the catalogue, in the order in which they are computed.
        missing: inputs that nothing supplies, or what is bounded if the scenario does not know it; empty where the two fit.
        unknown: assumptions of which the scenario says nothing.
        violated: assumptions that do not hold in the scenario.
    """

    bound: Bound
    form: Any
    scenario: Scenario
    feeds: tuple[Feed, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[Assumption, ...] = ()
    violated: tuple[Assumption, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the scenario supplies what the bound takes and bounds, whatever the assumptions."""
        return not self.missing

    @property
    def judged(self) -> bool:
        """Whether a failure of the bound here refutes it."""
        return self.fits and not self.unknown and not self.violated

    def why_not(self) -> str:
        """Why the bound is not judged here, in one sentence; empty where it is."""
        reasons = []
        if self.missing:
            reasons.append(f"nothing supplies {', '.join(self.missing)}")
        if self.unknown:
            reasons.append(f"the scenario does not say whether {', '.join(repr(a.name) for a in self.unknown)} holds")
        if self.violated:
            reasons.append(f"{', '.join(repr(a.name) for a in self.violated)} does not hold here")
        return "; ".join(reasons)


@dataclass
class _Search:
    """What can be supplied from a scenario's inputs, each input through at most one chain of formulas."""

    scenario: Scenario

    def supply(self, name: str, reader: Formula, pending: frozenset[str] = frozenset()) -> list[Feed] | None:
        """The formulas to compute, in order, for this input of ``reader``; None if nothing supplies it."""
        if name in self.scenario.inputs:
            return []
        for formula in (*suppliers(reader.wanted(name)), *stand_ins(reader, name)):
            needed = [entry for entry in formula.inputs if entry not in formula.defaults]
            if name in pending or not _assumptions_hold(formula.assumes, self.scenario):
                continue
            chains = [self.supply(entry, formula, pending | {name}) for entry in needed]
            if all(chain is not None for chain in chains):
                return [feed for chain in chains for feed in chain or ()] + [_feed(name, formula, reader)]
        return None


def _feed(name: str, formula: Bound | Capacity, reader: Formula) -> Feed:
    domain = reader.domains[name]
    return Feed(name, formula, reader.declaration.at.get(name), whole=domain is not None and domain.whole)


def match(bound: Bound, scenario: Scenario, form: Any = None, assumes: Sequence[Assumption] | None = None) -> Match:
    """Bring a bound and a scenario together.

    Args:
        bound: a bound of the catalogue, or a user's own.
        scenario: where it is to be judged.
        form: which form of the theorem; the default one if not given.
        assumes: a list of assumptions to go by instead of the bound's own (to see what an incomplete list would let through).

    >>> from genbounds.bounds.holdout import hoeffding
    >>> from genbounds.verification.scenarios import scenario
    >>> match(hoeffding, scenario("fixed hypothesis")).judged
    True
    >>> match(hoeffding, scenario("memoriser")).why_not()
    "'hypothesis independent of the sample' does not hold here"
    """
    form = bound.declaration.form if form is None else form
    listed = assumptions_of(bound, form) if assumes is None else tuple(assumes)
    missing = [] if bound.bounds_on in scenario.truths else [f"the {bound.bounds_on}"]
    feeds: list[Feed] = []
    search = _Search(scenario)
    for name in bound.inputs:
        if name in NO_INPUT or (name in bound.defaults and name not in scenario.inputs):
            continue
        chain = search.supply(name, bound)
        if name in scenario.chosen_on_sample and name in bound.declaration.fixed_in_advance:
            missing.append(f"{name} fixed in advance")
        elif chain is None:
            missing.append(name)
        else:
            feeds += [feed for feed in chain if feed not in feeds]
    statuses = {assumption: known(scenario.audit, assumption) for assumption in listed}
    return Match(
        bound,
        form,
        scenario,
        tuple(feeds),
        tuple(missing),
        tuple(a for a, status in statuses.items() if status is None),
        tuple(a for a, status in statuses.items() if status is not None and status[0] == "violated"),
    )


def assumptions_of(bound: Bound, form: Any) -> tuple[Assumption, ...]:
    """What one form of a bound assumes."""
    return bound.forms[form].assumes


def _assumptions_hold(assumes: Sequence[Assumption], scenario: Scenario) -> bool:
    return all((known(scenario.audit, a) or ("violated", ""))[0] in ("by construction", "checked") for a in assumes)


def stand_ins(reader: Formula, name: str) -> tuple[Bound, ...]:
    """The bounds whose certificates a formula takes for an input, if they hold on every sample."""
    return _always_bounding(reader.declaration.takes.get(name, ()))


@cache
def _always_bounding(wanted: tuple[str, ...]) -> tuple[Bound, ...]:
    return tuple(f for f in catalogue() if isinstance(f, Bound) and f.bounds_on in wanted and f.mode == "DET")


@cache
def suppliers(wanted: tuple[str, ...]) -> tuple[Bound | Capacity, ...]:
    """The capacities of the catalogue that give what an input takes; those that assume most come first, since they say most."""
    giving = [f for f in catalogue() if isinstance(f, Capacity) and f.declaration.gives in wanted]
    return tuple(sorted(giving, key=lambda f: -len(f.assumes)))


def fed(found: Match, supplied: Mapping[str, Any], compute: Callable[[Feed, dict[str, Any]], Any]) -> dict[str, Any]:
    """What the world supplies, and what the catalogue makes of it, each capacity at the number of examples that its reader asks for."""
    have = dict(supplied)
    for feed in found.feeds:
        given = {name: have[name] for name in feed.formula.inputs if name in have}
        if feed.at is not None and "n" in given:
            given["n"] = feed.at(have)
        have[feed.name] = compute(feed, given)
    return have


def in_floats(feed: Feed, given: dict[str, Any]) -> Any:
    """The value of a formula; of a number that counts something the whole part, as certificates take it."""
    value = feed.formula.value(**given)
    return FLOATS.floor(value) if feed.whole else value


def read_inputs(found: Match, supplied: Mapping[str, Any], compute: Callable[[Feed, dict[str, Any]], Any] = in_floats) -> dict[str, Any]:
    """All inputs of the bound but delta: what the world supplies, and what the formulas of the catalogue make of it, in floats."""
    have = fed(found, supplied, compute)
    return {name: have[name] for name in found.bound.inputs if name in have and name not in NO_INPUT}
