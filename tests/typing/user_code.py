"""What a user writes: it is checked by mypy and by pyright, both strict, against the wheel that is installed, and it runs."""

from fractions import Fraction
from functools import partial

from genbounds.bounds import Certificate, Choice, Number, Quantity, World, best_of, bound, capacity, catalogue, get
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.declared import Declared
from genbounds.bounds.holdout import clopper_pearson, hoeffding
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.pac_bayes import seeger2002


def names() -> list[str]:
    """A family of the catalogue."""
    return [formula.name for formula in catalogue("holdout")]


def smallest(errors: int, n: int) -> Certificate:
    """Two bounds with the union paid, and the number as a number."""
    candidates = [partial(clopper_pearson, errors=errors, n=n), partial(hoeffding, empirical_risk=Fraction(errors, n), n=n)]
    found = best_of(candidates, delta="0.05")
    again = best_of([lambda delta: clopper_pearson(errors=errors, n=n, delta=delta)], delta="0.025")
    smaller: bool = found <= again
    print(f"{found:.3f}", float(found), found.confidence_level, smaller, found.to_dict()["value"], found.bibtex())
    return found


def of_a_posterior(kl: float) -> float:
    """A measured input, and assumptions with their status."""
    found = seeger2002(empirical_risk="0.1", kl=Quantity(kl, "upper", "closed form"), n=1000, delta="0.05")
    for entry in found.audited({IID_SAMPLE: ("by construction", "pool draws")}).assumptions:
        print(entry.assumption.name, entry.status, entry.how)
    print(Choice(2, weight=Fraction(1, 8), how="a grid of eight").weight, get("vc.sauer").name)
    return found.value


@bound(
    source=Source("mine2026", "Theorem 1", "@misc{mine2026, title = {Mine}, year = {2026}}"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "delta": r"\delta"},
    increasing=("empirical_risk",),
    decreasing=("n", "delta"),
    holds_for="one hypothesis fixed before the sample",
)
def mine(math: World, *, empirical_risk: Number, n: Number, delta: Number) -> Terms:
    """Twice Hoeffding's deviation."""
    return {"empirical risk": empirical_risk, "deviation": 2 * math.sqrt(math.log_quotient(1, delta) / (2 * n))}


SHARED: Declared = {"source": Source("mine2026", "Theorem 2"), "provenance": DERIVED, "symbols": {"norm": "B"}}
WORDS: Declared = {**SHARED, "domains": {"norm": NONNEGATIVE}, "increasing": ("norm",), "gives": "complexity"}


@capacity(**WORDS)
def my_capacity(math: World, *, norm: Number) -> Terms:
    """Twice a norm."""
    return {"complexity": 2 * norm}


if __name__ == "__main__":
    print(my_capacity(norm=1).value)
    print(len(names()), smallest(5, 100).value, of_a_posterior(12.5), mine(empirical_risk="0.1", n=100, delta="0.05").value)
