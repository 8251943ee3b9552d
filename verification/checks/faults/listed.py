"""Faults of rounding, measurements, accounting and pipelines, each planted in the product's own function, and the check that catches it.

A fault is one line of ``LISTED``: where it is planted, and the check that is run once as things are and once with the fault. A line without
a check says why there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np
import torch
from scipy import stats

from genbounds.bounds import Bound, Quantity, enclosure, get
from genbounds.bounds.confidence import Choice
from genbounds.models.measuring import margins
from genbounds.models.norms import convolution, entrywise, normalisation, spectral
from genbounds.models.stochastic import GaussianNetwork, gaussian, pairs, risk
from genbounds.verification.checks import planted
from genbounds.verification.checks.faults import identities, pipeline
from genbounds.verification.checks.faults.pipeline import Pipeline
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.checks.reading import Formula
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.scenarios import scenario

Kind = Literal["rounding", "measurement", "accounting", "pipeline"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KL_TO_THE_MIDPOINT = "kl inverse rounded to the midpoint"
TRANSPOSED_2_1 = "transposed (2,1) norm"
SPECTRAL_FOR_FROBENIUS = "spectral norm for the Frobenius norm"


@dataclass(frozen=True)
class Listed:
    """A fault and its check.

    Attributes:
        kind, name: the fault, in words.
        rung: what kind of check catches it; empty if none does.
        finds: what the check finds with the fault planted (True) or not (False); None for nothing.
        reason: why no check catches it; empty if one does.
    """

    kind: Kind
    name: str
    rung: str = ""
    finds: Callable[[bool], str | None] = lambda planted: None
    reason: str = ""


@contextmanager
def patched(owner: Any, attribute: str, faulty: Any) -> Iterator[None]:
    """The attribute of a module or class replaced for a while, and put back whatever happens."""
    sound = owner.__dict__[attribute]
    setattr(owner, attribute, faulty)
    try:
        yield
    finally:
        setattr(owner, attribute, sound)


def in_place(check: Callable[[], str | None], owner: Any, attribute: str, faulty: Any) -> Callable[[bool], str | None]:
    """``check``, run with the fault in place of the attribute, or as things are."""

    def finds(planted: bool) -> str | None:
        if not planted:
            return check()
        with patched(owner, attribute, faulty):
            return check()

    return finds


def on_trial(name: str, place: str, faulty: Callable[[Formula], Formula]) -> Callable[[bool], str | None]:
    """Every sample of a scenario, with a faulty use of a bound in place of the bound."""

    def finds(planted: bool) -> str | None:
        bound = get(name)
        assert isinstance(bound, Bound)
        found, sound = match(bound, scenario(place)), bound.forms[bound.declaration.form].formula
        for world in found.scenario.listed("thumbnail"):
            judged = judge(found, world, Fraction(1, 20), faulty(sound) if planted else sound)
            if judged.refuted:
                return judged.evidence()
        return None

    return finds


def by_rungs(fault: planted.Fault) -> Callable[[bool], str | None]:
    """The rungs for the PAC-Bayes procedure, which plant their faults themselves."""
    return lambda planting: "; ".join(f"{rung}: {said}" for rung, said in planted.caught(fault if planting else "none").items()) or None


def _power_iteration(stack: Any, name: str = "matrix", largest_svd: int = 0) -> Any:
    """Ten steps of power iteration, called an upper bound."""
    found = []
    for matrix in stack:
        vector = np.ones(matrix.shape[1])
        for _ in range(10):
            vector = matrix.T @ (matrix @ vector)
            vector /= np.linalg.norm(vector)
        found.append(np.linalg.norm(matrix @ vector))
    return np.array(found), np.array(found)


def _reshaped(operator: Any, largest_gram: int) -> tuple[float, float, str]:
    """The norm of the kernel as a matrix (out, in k k)."""
    norm = float(torch.linalg.matrix_norm(operator.weight.flatten(1), 2))
    return norm, norm, "reshaped"


def _circular(operator: Any, largest_gram: int) -> tuple[float, float, str]:
    """The norm of the circular convolution of the input's own size, by its Fourier transform."""
    sizes = operator.input_shape[1:]
    transform = torch.fft.fft2(operator.weight, s=sizes).permute(2, 3, 0, 1)
    norm = float(torch.linalg.matrix_norm(transform, 2).max())
    return norm, norm, "circular"


def _variance_as_scale(x: Any, mean: Any, variance: Any, bias: Any, bias_variance: Any) -> Any:
    linear = torch.nn.functional.linear
    return linear(x, mean, bias), linear(x.square(), variance, bias_variance)


def _batch_statistics(running_mean: Any, running_var: Any, gain: Any = None, shift: Any = None, *, eps: float, name: str = "") -> Any:
    """Mean 0 and variance 1, as a batch would have them after its own normalisation."""
    return _SOUND_AFFINE(np.zeros_like(running_mean), np.ones_like(running_var), gain, shift, eps=eps, name=name)


_SOUND_AFFINE = normalisation.batch_norm_affine
_SOUND_MARGINS = margins.plain_margins
_SOUND_SAMPLE = FinitePool.sample
_SOUND_COUNTS = FinitePool.sample_counts


def _columns_2_1(stack: Any, name: str = "matrix") -> Any:
    """The lengths of the columns, added up."""
    return np.sqrt(np.square(stack).sum(axis=1)).sum(axis=1)


def _absolute_margins(logits: Any, labels: Any) -> Any:
    return _SOUND_MARGINS(logits, labels).abs()


def _strictly_wrong(logits: Any, labels: Any) -> Any:
    """A tie is not an error."""
    return _SOUND_MARGINS(logits, labels) < 0


def _unpaid(choice: Choice) -> None:
    """Whatever the alternatives, the weight is 1."""
    object.__setattr__(choice, "weight", Fraction(1))


def _balanced(pool: FinitePool, key: Any, n: int, purpose: str = "sample") -> Any:
    """As many of each class as in the pool, up to rounding."""
    rows = np.argsort(pool.labels, kind="stable")
    return rows[(np.arange(n) * pool.size // n + _SOUND_SAMPLE(pool, key, 1, purpose)[0]) % pool.size]


def _one_seed(pool: FinitePool, key: Any, n: int, purpose: str = "sample") -> Any:
    return _SOUND_SAMPLE(pool, 0, n, purpose)


def _whatever_the_purpose(pool: FinitePool, key: Any, n: int, purpose: str = "sample") -> Any:
    return _SOUND_COUNTS(pool, key, n)


def _held_out_instead(sample: Any, held_out: Any) -> Any:
    return held_out


def _both(sample: Any, held_out: Any) -> Any:
    return torch.cat([sample, held_out])


def _pooled(sample: Any, held_out: Any) -> Any:
    """Statistics of the sample and the held-out examples together."""
    both = torch.cat([sample, held_out])
    return both.mean(dim=0), both.std(dim=0)


def _before_the_last_step(posterior: GaussianNetwork, prior: GaussianNetwork) -> Quantity:
    """The KL as the loop of the training read it last, before its last step."""
    read: list[float] = []
    sound = GaussianNetwork.kl

    def recorded(network: GaussianNetwork, other: GaussianNetwork) -> Any:
        found = sound(network, other)
        read.append(float(found.detach()))
        return found

    with patched(GaussianNetwork, "kl", recorded):
        pipeline.trained()
    return Quantity(read[-1], "upper", "KL of the last round of training")


def _clipped(sound: Formula) -> Formula:
    return lambda math, **inputs: {"clipped": math.minimum(sum(sound(math, **inputs).values()), math.ratio(1, 2))}


def _wrong_sign(sound: Formula) -> Formula:
    return lambda math, **inputs: {"gap": 2 * inputs["empirical_risk"] - sum(sound(math, **inputs).values())}


def added_for_multiplied(sound: Formula) -> Formula:
    """The root of delta/2 - delta/6 + P(Bin(n, eps) > k) = n eps P(Bin(n, eps) = k), as code of 2025 has it, by bisection from above."""

    def faulty(math: Any, *, size: Any, n: Any, delta: Any) -> dict[str, Any]:
        size, n, delta = np.broadcast_arrays(*(np.asarray(entry, dtype=np.float64) for entry in (size, n, delta)))
        low, high = np.where(size > 0, size, 1e-9) / n, np.ones(size.shape)
        for _ in range(60):
            middle = (low + high) / 2
            falls = delta / 2 - delta / 6 + stats.binom.sf(size, n, middle) > n * middle * stats.binom.pmf(size, n, middle)
            low, high = np.where(falls, low, middle), np.where(falls, middle, high)
        return {"root": np.where(size < n, high, 1.0)}

    return faulty


def _best_of_several(sound: Formula) -> Formula:
    return lambda math, **inputs: sound(math, **{**inputs, "class_size": inputs["class_size"] * 0 + 1})


_radius = property(lambda pool: float(np.sqrt(np.square(pool.inputs[_SOUND_SAMPLE(pool, "radius", 20)]).sum(axis=1)).max()))

LISTED: tuple[Listed, ...] = (
    Listed(
        "rounding", KL_TO_THE_MIDPOINT, "identity", in_place(identities.kl_rounding, enclosure, "arb_to_float_up", lambda x: float(x.mid()))
    ),
    Listed(
        "measurement",
        "power iteration as an upper bound",
        "bracket",
        in_place(identities.spectral, spectral, "spectral_bounds", _power_iteration),
    ),
    Listed(
        "measurement",
        "reshaped kernel for a convolution",
        "bracket",
        in_place(identities.convolution, convolution, "spectral_bracket", _reshaped),
    ),
    Listed(
        "measurement",
        "circular transform for zero padding",
        "bracket",
        in_place(identities.convolution, convolution, "spectral_bracket", _circular),
    ),
    Listed("measurement", TRANSPOSED_2_1, "identity", in_place(identities.norm_2_1, entrywise, "rows_2_1_upper", _columns_2_1)),
    Listed(
        "measurement",
        SPECTRAL_FOR_FROBENIUS,
        "identity",
        in_place(identities.frobenius, entrywise, "frobenius_upper", lambda stack, name="matrix": np.linalg.norm(stack, 2, axis=(-2, -1))),
    ),
    Listed(
        "measurement",
        "variance passed as standard deviation",
        "identity",
        in_place(identities.noise, gaussian, "mean_and_scale", _variance_as_scale),
    ),
    Listed("measurement", "|margin| for the margin", "identity", in_place(identities.margins, margins, "plain_margins", _absolute_margins)),
    Listed(
        "measurement",
        "batch norm in train mode",
        "identity",
        in_place(identities.batch_norm, normalisation, "batch_norm_affine", _batch_statistics),
    ),
    Listed("measurement", "sample maximum as input radius", "audit", in_place(identities.radius, FinitePool, "input_radius", _radius)),
    Listed("measurement", "KL without some of the sampled parameters", "identity", by_rungs("KL without the biases")),
    Listed(
        "measurement",
        "KL read before the last step",
        "identity",
        in_place(pipeline.returned_posterior, risk, "gaussian_kl", _before_the_last_step),
    ),
    Listed(
        "measurement",
        "margin of the test set",
        "other held-out examples",
        in_place(pipeline.held_out_examples, Pipeline, "measured_on", staticmethod(_held_out_instead)),
    ),
    Listed("accounting", "an optimised parameter not paid for", "identity", in_place(identities.choice, Choice, "__post_init__", _unpaid)),
    Listed("accounting", "Monte-Carlo risk without its term", "enumeration, audit", by_rungs("no Monte-Carlo term")),
    Listed("accounting", "n of the whole set", "enumeration, audit", by_rungs("n doubled")),
    Listed("accounting", "prior fitted on the bound's sample", "audit", by_rungs("prior fitted on the bound's sample")),
    Listed(
        "accounting",
        "the best of several at full delta",
        "every sample",
        on_trial("holdout.finite_class", "best of a class", _best_of_several),
    ),
    Listed(
        "accounting",
        "pick-to-learn's delta added where it multiplies",
        "every sample",
        on_trial("holdout.campi2023compression", "sample maximum", added_for_multiplied),
    ),
    Listed(
        "pipeline", "class-balanced sample called i.i.d.", "identity", in_place(identities.class_counts, FinitePool, "sample", _balanced)
    ),
    Listed("pipeline", "the same seed for coupled runs", "identity", in_place(identities.independence, FinitePool, "sample", _one_seed)),
    Listed("pipeline", "a clipped bound", "every sample", on_trial("holdout.hoeffding", "fixed hypothesis", _clipped)),
    Listed("pipeline", "gap with the wrong sign", "every sample", on_trial("holdout.hoeffding", "fixed hypothesis", _wrong_sign)),
    Listed("pipeline", "strict for non-strict margin", "identity", in_place(identities.ties, pairs, "wrong", _strictly_wrong)),
    Listed(
        "pipeline",
        "train/test leak",
        "other held-out examples",
        in_place(pipeline.held_out_examples, Pipeline, "trained_on", staticmethod(_both)),
    ),
    Listed(
        "pipeline",
        "held-out draws that are the sample",
        "identity",
        in_place(identities.separation, FinitePool, "sample_counts", _whatever_the_purpose),
    ),
    Listed(
        "pipeline",
        "pooled normalisation",
        "other held-out examples",
        in_place(pipeline.held_out_examples, Pipeline, "statistics", staticmethod(_pooled)),
    ),
)
"""Every line of the lists of faults beyond formulas."""


@dataclass(frozen=True)
class Tried:
    """What the check of a fault found with it planted, and what it found with nothing planted: that must be nothing."""

    fault: Listed
    found: str | None
    alarm: str | None


def fates(kinds: tuple[Kind, ...] = KINDS) -> Iterator[Tried]:
    """Each fault with what its check finds."""
    for fault in LISTED:
        if fault.kind in kinds:
            yield Tried(fault, fault.finds(True), fault.finds(False))
