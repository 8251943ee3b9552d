"""A11 for the PAC-Bayes procedure: faults planted in it, and the rungs of the ladder that must catch them without a single draw.

Each rung is a function of a fault that says what it found, or None where it finds nothing. With the fault "none" none may find anything.
Coverage, the rung that takes draws, is a study of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Literal, get_args

import torch
from torch import Tensor

from genbounds.bounds import Quantity
from genbounds.bounds.pac_bayes import gaussian_kl as diagonal_gaussian_kl
from genbounds.bounds.pac_bayes import monte_carlo_errors, seeger2002
from genbounds.bounds.quantity import DirectionError
from genbounds.bounds.special.rounding import decimal_down
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianDenseNetwork, Split, gaussian_kl
from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.verdicts import Verdict

Fault = Literal["none", "prior fitted on the bound's sample", "n doubled", "KL without the biases", "no Monte-Carlo term"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

PAIRS = 50
"""Pairs of the enumerated Monte-Carlo step."""
SMALL_DELTA = Fraction(1, 10**6)
"""Seeger's bound with n doubled keeps to delta = .05 at KL = 0, as ln xi(n) covers it; at a small delta the halved exponent shows."""


def kl_without_biases(posterior: GaussianDenseNetwork, prior: GaussianDenseNetwork) -> Quantity:
    """The planted KL: over the weights alone, although the biases are drawn as well."""
    weights = sum(mean.numel() for mean in posterior.weight_means)
    (mean_q, std_q), (mean_p, std_p) = posterior.moments(), prior.moments()
    vectors = {"mean_q": mean_q, "std_q": std_q, "mean_p": mean_p, "std_p": std_p}
    return diagonal_gaussian_kl(**{name: vector[:weights].numpy() for name, vector in vectors.items()})


def enumeration(fault: Fault) -> str | None:
    """A0: bounds on (errors, n) as the procedure uses them, decided for every true risk."""
    bounds: dict[str, tuple[list[float], Fraction]] = {}
    delta = Fraction(1, 100)
    charged = [monte_carlo_errors(errors=errors, pairs=PAIRS, delta=delta).value for errors in range(PAIRS + 1)]
    bare = [errors / PAIRS for errors in range(PAIRS + 1)]
    bounds["Monte-Carlo risk"] = (bare if fault == "no Monte-Carlo term" else charged, delta)
    n = 50
    claimed = 2 * n if fault == "n doubled" else n
    seeger = [seeger2002(empirical_risk=Fraction(errors, n), kl=0, n=claimed, delta=SMALL_DELTA).value for errors in range(n + 1)]
    bounds["Seeger's bound at KL = 0"] = (seeger, SMALL_DELTA)
    for name, (values, level) in bounds.items():
        found = enumerate_failures(values, level)
        if found.verdict is Verdict.REFUTED:
            return f"{name} fails with probability {decimal_down(found.lower, 2)} at delta = {float(level):g}"
    return None


def identity(fault: Fault) -> str | None:
    """A3: KL(Q || P) is the average of ln(dQ/dP) over the two points mu + s and mu - s of a diagonal Gaussian Q, exactly.

    At both, ((w - mu)/s)^2 is 1, its expectation, and the terms that are linear in the noise cancel. All coordinates that are drawn move.
    """
    stream = Stream("planted faults", "training")
    prior = GaussianDenseNetwork(DenseNetwork((5, 4, 3)).initialise(stream, 0), std=0.1)
    posterior = GaussianDenseNetwork(DenseNetwork((5, 4, 3)).initialise(stream, 1), std=0.05)
    with torch.no_grad():
        for bias in posterior.bias_means:
            bias += 0.3
    kl = kl_without_biases(posterior, prior) if fault == "KL without the biases" else gaussian_kl(posterior, prior)
    (mean_q, std_q), (mean_p, std_p) = posterior.moments(), prior.moments()

    def log_ratio(weights: Tensor) -> float:
        each = (std_p / std_q).log() + ((weights - mean_p) / std_p).square() / 2 - ((weights - mean_q) / std_q).square() / 2
        return float(each.sum())

    average = (log_ratio(mean_q + std_q) + log_ratio(mean_q - std_q)) / 2
    if abs(float(kl) - average) <= 1e-9 * average:
        return None
    return f"KL {float(kl):.4g}, while ln(dQ/dP) averages {average:.4g}"


def audit(fault: Fault) -> str | None:
    """A10: disjoint positions, n the number of positions that the risk was counted on, a Monte-Carlo average only as an upper bound."""
    prior_part, bound_part = torch.arange(40), torch.arange(40, 80)
    try:
        split = Split(bound_part if fault == "prior fitted on the bound's sample" else prior_part, bound_part, 80)
    except ValueError:
        return "the prior's positions are the bound's"
    n = 80 if fault == "n doubled" else split.bound_size
    if n != split.bound_size:
        return f"n = {n}, while the risk was counted on {split.bound_size} positions"
    average = Quantity(Fraction(12, 50), "estimate", "average over 50 pairs")
    risk = average if fault == "no Monte-Carlo term" else monte_carlo_errors(errors=12, pairs=50, delta=Fraction(1, 100))
    try:
        seeger2002(empirical_risk=risk, kl=1, n=n, delta=Fraction(1, 25))
    except DirectionError:
        return "an average over draws enters as an estimate, where an upper bound is needed"
    return None


RUNGS: Mapping[str, Callable[[Fault], str | None]] = {"enumeration": enumeration, "identity": identity, "audit": audit}
"""The rungs that take no draws, by name."""


def caught(fault: Fault) -> dict[str, str]:
    """What each rung found of a fault, by rung; a rung that found nothing is missing.

    >>> sorted(caught("n doubled")), caught("none")
    (['audit', 'enumeration'], {})
    """
    found = {name: rung(fault) for name, rung in RUNGS.items()}
    return {name: evidence for name, evidence in found.items() if evidence is not None}
