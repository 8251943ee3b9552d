"""A set of examples that makes no error on the rest: the law by listing all bits, and unions that are not paid for."""

from __future__ import annotations

import itertools
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.checks.check import check
from genbounds.verification.checks.faults.generated import faults
from genbounds.verification.checks.faults.killing import kill
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.unlucky_compression import IDENTITIES, UnluckyCompression

COMPRESSION = get("sample_compression")
assert isinstance(COMPRESSION, Bound)


def law_by_listing(n: int, risks: list[Fraction]) -> dict[tuple[int, int], Fraction]:
    """P(size kept, its errors) given different identities, over all bits of every set on every other example."""
    sets = [entry for k in range(n) for entry in itertools.combinations(range(n), k)]
    places = [(kept, other) for kept in sets for other in range(n) if other not in kept]
    found: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for bits in itertools.product((0, 1), repeat=len(places)):
        wrong = dict(zip(places, bits, strict=True))
        errors = {kept: sum(wrong[kept, other] for other in range(n) if other not in kept) for kept in sets}
        kept = next((entry for entry in sets if errors[entry] == 0), ())
        mass = Fraction(1)
        for (rebuilt, _), bit in wrong.items():
            mass *= risks[len(rebuilt)] if bit else 1 - risks[len(rebuilt)]
        found[len(kept), errors[kept]] += mass
    return found


@pytest.mark.parametrize(("n", "shares"), [(1, [1]), (2, [1, 1]), (2, ["19/20", "3/10"]), (3, [1, "1/2", "1/3"])])
def test_the_law_is_that_of_all_bits(n: int, shares: list[Any]) -> None:
    world = UnluckyCompression.world(n, Fraction(1, 10), [Fraction(share) for share in shares])
    risks = dict(zip(world.inputs["size"], world.truths[RISK], strict=True))
    law: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for size, errors, mass in zip(world.inputs["size"], world.inputs["errors"], world.probabilities, strict=True):
        law[size, errors] += mass
    assert sum(law.values()) == 1
    listed = law_by_listing(n, [risks[k] for k in range(n)])
    repeated = Fraction(n * (n - 1), IDENTITIES)  # at most this is the probability of two examples with one identity
    assert set(law) == set(listed)
    assert all(abs(law[key] - listed[key]) <= repeated for key in law)


@pytest.mark.slow
def test_the_bound_is_judged_and_holds() -> None:
    found = check("sample_compression", scenarios="unlucky compression", size="full")
    assert found.judged
    assert not found.refuted
    assert found.resolution > 0.99


@pytest.mark.slow
def test_unions_that_are_not_paid_for_are_caught() -> None:
    found = {(one.operator, one.where): one.fate for one in kill(COMPRESSION, [scenario("unlucky compression")], "thumbnail")}
    assert len(found) == len({(one.operator, one.where) for one in faults(COMPRESSION)}) + 1
    union = [fate for (operator, _), fate in found.items() if operator in ("union dropped", "delta for 2 delta")]
    assert union == ["caught"] * 3
    assert found["term dropped", "without sizes in sets + sizes (sample_compression)"] == "caught"
    assert found["nothing changed", "the formula as it is"] == "same"
