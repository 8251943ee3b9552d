"""Whom a certificate speaks of: everything at once that its bound declares, or the one object that an input was measured for."""

from __future__ import annotations

from collections.abc import Iterable

from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MISTAKES, MISTAKES_OF_RUN, RISK

SUBJECT = {
    RISK: "hypothesis",
    GIBBS_RISK: "posterior",
    EMPIRICAL_GIBBS_RISK: "posterior",
    MAJORITY_VOTE_RISK: "posterior",
    MISTAKES: "run",
    MISTAKES_OF_RUN: "run",
}
"""What a bound on this speaks of; of anything else it speaks of an algorithm."""

SHARED = frozenset(
    (
        "n",
        "complexity",
        "log_cover",
        "log_growth",
        "vc_dimension",
        "fat_shattering_dimension",
        "data_norm",
        "radius",
        "input_radius",
        "variance_bound",
        "surrogate_risk",
    )
)
"""Inputs that belong to the class, the sample or another predictor: one measurement of them serves every hypothesis at once."""


def simultaneous(holds_for: str) -> bool:
    """Whether a statement is about all of its subjects at once, so that one may be chosen after looking: "every ...", "... of every ...".

    >>> [simultaneous(text) for text in ("every posterior at once", "one hypothesis fixed before the sample")]
    [True, False]
    >>> simultaneous(narrowed("every posterior at once", "Gibbs risk", ["empirical_risk"]))
    False
    """
    of_all = holds_for.startswith("every ") or " of every " in holds_for
    return of_all and not holds_for.startswith("one ") and "one measurement of" not in holds_for


def narrowed(holds_for: str, bounds_on: str, measured: Iterable[str], *, chosen: bool = False) -> str:
    """For whom a bound holds that is declared for ``holds_for`` when these inputs may fail, each for the one object it was measured for.

    The failure probability of such an input covers one object. Of ten posteriors, each with a limit of its own, the best has a limit that
    fails up to ten times as often, so the bound's "every posterior" does not reach beyond the one that was measured. What belongs to the
    class or the sample (``SHARED``) leaves the quantifier over hypotheses as it is, but not the choice among measurements. With ``chosen``
    a ``Choice`` has paid for one measurement of each of its alternatives.

    >>> narrowed("every posterior at once", "Gibbs risk", ["empirical_risk"])
    'one posterior only, whose empirical_risk was measured once; the bound itself holds for every posterior at once'
    >>> narrowed("every hypothesis of the class at once", "risk", ["complexity"])
    'every hypothesis of the class at once, with one measurement of complexity'
    """
    names = list(measured)
    own = [name for name in names if name not in SHARED]
    if own:
        was = "was" if len(own) == 1 else "were"
        subject = SUBJECT.get(bounds_on, "algorithm")
        each = " for each alternative" if chosen else ""
        return f"one {subject} only, whose {_listed(own)} {was} measured once{each}; the bound itself holds for {holds_for}"
    return f"{holds_for}, with one measurement of {_listed(names)}" if names else holds_for


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
