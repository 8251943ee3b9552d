"""The best of several certified posteriors: without payment it fails far more often than delta, paid it does not."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import torch
from scipy import stats

from genbounds.bounds import Certificate, Quantity
from genbounds.bounds.assumptions import ONE_POSTERIOR
from genbounds.bounds.pac_bayes import seeger2002
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianDenseNetwork,
    certify_gibbs,
    certify_majority_vote,
    certify_single_draw,
    draw_coordinates,
    monte_carlo_errors,
)
from genbounds.models.stochastic.risk import sampled_risk

DELTA, PAIRS, N = Fraction(1, 20), 2000, 2**31 - 1
ONE = {"inputs": torch.ones(1, 1), "labels": torch.ones(1, dtype=torch.int64), "counts": [N]}
"""All examples are x = 1 with the label 1."""


def fair() -> GaussianDenseNetwork:
    """f(1) ~ N(0, 1), so that the Gibbs risk is 1/2, on the sample as in the population."""
    means = DenseNetwork([1, 1], bias=False)
    torch.nn.init.zeros_(means.linear(0).weight)
    return GaussianDenseNetwork(means, std=1.0)


def from_errors(errors: int, posteriors: int) -> float:
    """The certificate of ``certify_gibbs`` for so many errors among the pairs, with the prior as posterior."""
    risk = sampled_risk(errors, PAIRS, DELTA / 5, posteriors, "pairs")
    return seeger2002(empirical_risk=risk, kl=0, n=N, delta=4 * DELTA / 5).value


def chance_of_failure(posteriors: int, paid: int) -> float:
    """The probability that one of so many certificates, each of independent pairs at the risk 1/2, lies below 1/2."""
    low, high = 0, PAIRS
    while low < high:  # the smallest number of errors whose certificate is at least 1/2
        middle = (low + high) // 2
        low, high = (low, middle) if from_errors(middle, paid) >= 0.5 else (middle + 1, high)
    with mpmath.workdps(50):
        one = mpmath.fsum(mpmath.binomial(PAIRS, k) for k in range(low)) / mpmath.mpf(2) ** PAIRS
        return float(1 - (1 - one) ** posteriors)


@pytest.mark.slow
@pytest.mark.parametrize(("posteriors", "unpaid"), [(50, 0.38), (100, 0.61)])
def test_the_best_of_several_fails_often_unpaid_and_at_most_with_delta_paid(posteriors: int, unpaid: float) -> None:
    """Exactly, by the binomial law of the errors."""
    assert chance_of_failure(posteriors, paid=1) == pytest.approx(unpaid, abs=0.01)
    assert chance_of_failure(posteriors, paid=posteriors) <= DELTA / 5
    assert chance_of_failure(1, paid=1) <= DELTA / 5


@pytest.mark.slow
def test_fifty_posteriors_of_the_real_procedure() -> None:
    """Ten times the best of 50 certificates. Unpaid, each of the ten is below the risk with probability .38, none with .009; paid, each
    with .0094, more than one with .004. The streams are fixed, so the test always ends alike.
    """
    network, number, times = fair(), 50, 10
    unpaid, paid = 0, 0
    for time in range(times):
        options: dict[str, Any] = {"delta": DELTA, "pairs": PAIRS, "stream": Stream(f"best of several {time}", "experiment")}
        errors = [monte_carlo_errors(network, **ONE, pairs=PAIRS, stream=options["stream"], network=key)[0] for key in range(number)]
        best = min(range(number), key=errors.__getitem__)  # the certificate increases in the errors: only the best one is needed
        unpaid += certify_gibbs(network.copy(), network, **ONE, **options, network=best).value < 0.5
        paid += certify_gibbs(network.copy(), network, **ONE, **options, network=best, posteriors=number).value < 0.5
    assert unpaid >= 1
    assert paid <= 1


def test_the_best_of_several_drawn_networks() -> None:
    """One network of each of k posteriors: the disintegrated bound at delta/k, written as ln k added to the log ratio; ln at 50 digits."""
    network, stream = fair(), Stream("one of several draws", "experiment")
    options: dict[str, Any] = {**ONE, "counts": [40], "delta": DELTA, "stream": stream}
    one = certify_single_draw(network.copy(), network, **options)
    several = certify_single_draw(network.copy(), network, **options, alternatives=3, posteriors=5)
    same = certify_single_draw(network.copy(), network, **{**options, "delta": DELTA / 15})
    assert several.value == pytest.approx(same.value, rel=1e-12)
    assert several.value > one.value or one.value == 1
    added = Fraction(several.inputs["log_ratio"].value) - Fraction(one.inputs["log_ratio"].value)  # type: ignore[union-attr, arg-type]
    with mpmath.workdps(50):
        assert 0 <= mpmath.mpf(added.numerator) / added.denominator - mpmath.log(15) < 1e-12
    assert draw_coordinates(network, stream).shape == (1,)


def certificates(**how_many: int) -> dict[str, Certificate]:
    """Every certificate of a posterior that rests on draws from it."""
    network, stream = fair(), Stream("what is listed", "experiment")
    options: dict[str, Any] = {**ONE, "counts": [100], "delta": DELTA, "stream": stream, **how_many}
    gibbs = certify_gibbs(network.copy(), network, **options, pairs=500)
    votes = certify_majority_vote(gibbs, network.copy(), **options, pairs=500)
    return {"gibbs": gibbs, "draw": certify_single_draw(network.copy(), network, **options), **votes}


@pytest.mark.parametrize("how_many", [{}, {"posteriors": 7}, {"alternatives": 2, "posteriors": 3}])
def test_every_certificate_from_draws_says_for_how_many_posteriors_it_pays(how_many: dict[str, int]) -> None:
    number = math.prod(how_many.values())
    for name, certificate in certificates(**how_many).items():
        entry = next(entry for entry in certificate.assumptions if entry.assumption == ONE_POSTERIOR)
        assert entry.status == "declared", name
        assert entry.how.startswith(f"one of {number} that" if number > 1 else "the only posterior"), name


def test_the_limits_of_the_votes_are_paid_too() -> None:
    """Clopper and Pearson's limit of the errors of two networks at delta/5 over the number of posteriors, by scipy's beta quantile."""
    network, stream = fair(), Stream("votes of several", "experiment")
    options: dict[str, Any] = {**ONE, "counts": [100], "delta": DELTA, "stream": stream, "pairs": 500}
    limits = []
    for posteriors in (1, 50):
        gibbs = certify_gibbs(network.copy(), network, **options, posteriors=posteriors)
        vote = certify_majority_vote(gibbs, network.copy(), **options, posteriors=posteriors)["tandem"]
        tandem = vote.inputs["tandem_risk"]
        assert isinstance(tandem, Quantity)
        limits.append(float(tandem))
        assert tandem.delta == DELTA / 5
        assert vote.delta == DELTA
    errors = next(k for k in range(501) if stats.beta.ppf(0.99, k + 1, 500 - k) >= limits[0] - 1e-9)
    assert limits == pytest.approx([stats.beta.ppf(1 - 0.01 / k, errors + 1, 500 - errors) for k in (1, 50)], rel=1e-9)


@pytest.mark.parametrize("certify", [certify_gibbs, certify_single_draw])
@pytest.mark.parametrize(("name", "what"), [("posteriors", "posteriors that are certified"), ("alternatives", "priors that were tried")])
@pytest.mark.parametrize("number", [0, -1, 1.5, True])
def test_a_number_that_counts_nothing_is_refused(certify: Callable[..., Certificate], name: str, what: str, number: Any) -> None:
    options: dict[str, Any] = {**ONE, "delta": DELTA, "stream": Stream("refused", "experiment"), name: number}
    options |= {"pairs": 10} if certify is certify_gibbs else {}
    with pytest.raises(ValueError, match=rf"{name} must be a whole number of at least 1, got {number}: count the {what}"):
        certify(fair().copy(), fair(), **options)
