"""What each input must satisfy: the domains, the vocabulary of standard input names, and the checks for scalars and arrays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.exact import ExactOrVector, written


@dataclass(frozen=True)
class Domain:
    """A set of admissible numbers: an interval, perhaps of whole numbers, perhaps a vector of them.

    ``rule`` completes "x must ..."; ``remedy`` says what to do; ``meaning`` says what the input is, for the documentation.
    """

    rule: str
    remedy: str
    low: float = -np.inf
    high: float = np.inf
    low_open: bool = False
    high_open: bool = False
    whole: bool = False
    vector: bool = False
    meaning: str = ""

    def meaning_is(self, meaning: str) -> Domain:
        """The same domain with another meaning."""
        return replace(self, meaning=meaning)

    def as_vector(self, meaning: str, remedy: str) -> Domain:
        """The vectors with entries in this domain."""
        return replace(self, vector=True, meaning=meaning, remedy=remedy)

    def _admits(self, x: Any) -> bool:
        above = x > self.low if self.low_open else x >= self.low
        below = x < self.high if self.high_open else x <= self.high
        return bool(above and below and (not self.whole or x == int(x)))

    def check(self, name: str, value: ExactOrVector) -> None:
        """Raise ``ValueError`` unless the exact value (each entry of a vector) lies in the domain."""
        if isinstance(value, tuple) != self.vector:
            wanted = "be a vector with one entry per layer (or step)" if self.vector else "be a single number"
            raise ValueError(f"{name} must {wanted}, got {value!r}: {self.remedy}")
        entries = value if isinstance(value, tuple) else (value,)
        if not self.whole and self._admits(min(entries)) and self._admits(max(entries)):
            return
        for entry in entries:
            if not self._admits(entry):
                raise ValueError(self.message(name, entry))

    def check_array(self, name: str, array: np.ndarray) -> None:
        """The same for a float64 array; NaN and infinities are refused."""
        if self.vector and array.ndim == 0:
            raise ValueError(f"{name} must be a vector with one entry per layer (or step), got {array}: {self.remedy}")
        if not array.size:
            raise ValueError(f"{name} must hold at least one number, got an empty array: {self.remedy}")
        smallest, largest = float(np.min(array)), float(np.max(array))
        for extreme in (smallest, largest):
            if not np.isfinite(extreme):
                raise ValueError(f"{name} must be finite, got {extreme}: look for an overflow or a missing value where it was computed")
            if not self._admits(int(extreme) if self.whole and extreme == int(extreme) else extreme):
                raise ValueError(self.message(name, extreme))
        if self.whole and not np.array_equal(array, np.floor(array)):
            raise ValueError(self.message(name, float(array[array != np.floor(array)].flat[0])))

    def message(self, name: str, value: Any) -> str:
        """The sentence of an error: the input, the rule, the value, the remedy."""
        return f"{name} must {self.rule}, got {written(value)}: {self.remedy}"


@dataclass(frozen=True)
class Requirement:
    """A condition that ties several inputs together; ``holds`` gets their values (exact numbers or float64 arrays) by name."""

    names: tuple[str, ...]
    holds: Callable[..., Any]
    rule: str
    remedy: str

    def check(self, inputs: Mapping[str, Any]) -> None:
        """Raise ``ValueError`` unless the condition holds for every element."""
        values = {name: inputs[name] for name in self.names}
        with np.errstate(all="ignore"):
            held = np.all(self.holds(**values))
        if not held:
            shown = ", ".join(f"{name}={written(value)}" for name, value in values.items())
            raise ValueError(f"{self.rule}, got {shown}: {self.remedy}")


def same_length(*names: str, entry: str) -> Requirement:
    """The condition that these vectors have one entry for each ``entry``, and so the same length."""
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return Requirement(
        names,
        lambda **vectors: len({len(vector) if isinstance(vector, tuple) else np.shape(vector)[-1] for vector in vectors.values()}) == 1,
        f"{listed} must have the same length",
        f"pass one entry per {entry} in each",
    )


CONFIDENCE = Domain("lie in (0, 1)", "a 95 % guarantee is delta=0.05", 0, 1, low_open=True, high_open=True)
UNIT = Domain("lie in [0, 1]", "pass a fraction such as Fraction(errors, n), not a percentage", 0, 1)
COUNT = Domain("be a whole number of at least 1", "pass a positive count", 1, whole=True)
TRIALS = Domain(
    "be a whole number of at least 1 and at most 1.8e308",
    "the binomial tail is inverted from a guess in doubles",
    1,
    sys.float_info.max,
    whole=True,
)
NATURAL = Domain("be a whole number of at least 0", "pass a count", 0, whole=True)
NONNEGATIVE = Domain("be finite and at least 0", "pass a norm or another quantity that cannot be negative", 0)
POSITIVE = Domain("be finite and greater than 0", "pass a positive number", 0, low_open=True)
POSITIVE_VECTOR = replace(POSITIVE, vector=True, remedy="pass one positive number per layer (or step)")
NONNEGATIVE_VECTOR = replace(NONNEGATIVE, vector=True, remedy="pass one number per layer (or step), none negative")
SEGMENT_RISKS = replace(UNIT, vector=True, remedy="pass one average for each segment, in units of its gap").meaning_is(
    "for each segment between two levels, the average over the sample of the part of the loss in it, over its gap"
)
EXCESS_SEGMENTS = SEGMENT_RISKS.meaning_is(
    "averages of the parts of the excess loss between -share and 0, 0 and 1 - share, 1 - share and 1, each over its length"
)
GAPS = replace(POSITIVE_VECTOR, remedy="pass the length of each segment; together they are the largest loss").meaning_is(
    "length of each segment between two levels of the loss, from 0 up"
)
WIDTHS = replace(COUNT, vector=True, remedy="pass (inputs, hidden..., outputs), each at least 1")
REAL = Domain("be finite", "pass a real number")
MARGIN = Domain(
    "be finite and greater than 0",
    "a margin bound needs a positive margin: with margin 0 or less nothing is separated",
    0,
    low_open=True,
)


def product_at_most(a: Any, b: Any, limit: int) -> Any:
    """Whether a * b <= limit: exactly for exact numbers (a double is the number it stores), in floats for arrays."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return a * b <= limit
    return Fraction(a) * Fraction(b) <= limit


def at_most_sum(x: Any, a: Any, b: Any) -> Any:
    """Whether x <= a + b: exactly for exact numbers (a double is the number it stores), in floats for arrays."""
    if any(isinstance(entry, np.ndarray) for entry in (x, a, b)):
        return x <= (a + b) * (1 + 4 * np.finfo(np.float64).eps)
    return Fraction(x) <= Fraction(a) + Fraction(b)


# For losses in [0, 1]: their unbiased variance, and how many there must be for it to exist.
SAMPLE_VARIANCE = Domain(
    "lie in [0, 1/2]", "losses in [0, 1] have an unbiased variance of at most n/(4(n - 1)); rescale the losses", 0, 0.5
).meaning_is("unbiased sample variance of the losses (ddof=1)")
AT_LEAST_TWO = Domain("be a whole number of at least 2", "a sample variance needs two examples", 2, whole=True).meaning_is(
    "number of examples that the empirical risk was computed on, at least 2"
)

# For losses in [0, loss_range]: the average loss, and the condition that it lies in the range.
LOSS_AVERAGE = NONNEGATIVE.meaning_is("average loss on the sample, in [0, loss_range]")
RISK_IN_RANGE = Requirement(
    ("empirical_risk", "loss_range"),
    lambda empirical_risk, loss_range: empirical_risk <= loss_range,
    "empirical_risk must be at most loss_range",
    "the loss lies in [0, loss_range], and so does its average",
)
ERRORS_AT_MOST_N = Requirement(
    ("errors", "n"),
    lambda errors, n: errors <= n,
    "errors must be at most n",
    "count the errors on the same examples as n",
)


def segments_fall(name: str) -> Requirement:
    """The condition that no segment shows more than the one below it: a loss that reaches a segment has filled those below."""

    def falling(**given: Any) -> Any:
        entries = np.asarray(given[name], dtype=object if isinstance(given[name], tuple) else np.float64)
        return np.all(entries[..., 1:] <= entries[..., :-1])

    return Requirement(
        (name,),
        falling,
        f"{name} must not increase",
        "a loss that reaches a segment has filled those below it: list the segments from the lowest up",
    )


VOCABULARY: dict[str, Domain] = {
    "delta": CONFIDENCE.meaning_is("failure probability"),
    "n": COUNT.meaning_is("number of examples that the empirical quantity was computed on"),
    "empirical_risk": UNIT.meaning_is("average loss on the sample"),
    "margin_risk": UNIT.meaning_is("fraction of the sample with margin at most `margin`"),
    "errors": NATURAL.meaning_is("number of errors"),
    "margin": MARGIN.meaning_is("the margin"),
    "log_growth": NONNEGATIVE.meaning_is("natural logarithm of (an upper bound on) the growth function at n"),
    "vc_dimension": NATURAL.meaning_is("(an upper bound on) the VC dimension"),
    "inputs": COUNT.meaning_is("input dimension"),
    "widths": WIDTHS.meaning_is("layer widths: inputs, hidden..., outputs"),
    "complexity": NONNEGATIVE.meaning_is("upper bound on the empirical Rademacher complexity of the loss class on this sample"),
    "norm": NONNEGATIVE.meaning_is("bound on the norm of the weights"),
    "data_norm": NONNEGATIVE.meaning_is("Frobenius norm of the n inputs as a matrix"),
    "norm_product": NONNEGATIVE.meaning_is("product of the layers' Frobenius norms"),
    "depth": COUNT.meaning_is("number of weight matrices"),
    "outputs": COUNT.meaning_is("number of outputs: 1 for a scalar, else the number of classes"),
    "spectral_norms": POSITIVE_VECTOR.meaning_is("spectral norm of each layer"),
    "distances_2_1": NONNEGATIVE_VECTOR.meaning_is(
        "(2,1) norm of each layer's distance from its reference (sum over outputs of row norms)"
    ),
    "lipschitz": NONNEGATIVE.meaning_is("Lipschitz constant"),
    "kl": NONNEGATIVE.meaning_is("relative entropy KL(Q||P) of posterior and prior, in nats"),
    "sampled_risk": UNIT.meaning_is("average loss over the draws"),
    "draws": COUNT.meaning_is("number of independent draws"),
    "pairs": COUNT.meaning_is("number of independent (weights, example) pairs"),
    "radius": POSITIVE.meaning_is("largest input norm"),
    "stability": NONNEGATIVE.meaning_is("uniform stability (replace one example)"),
    "loss_range": POSITIVE.meaning_is("the loss lies in [0, loss_range]"),
    "smoothness": POSITIVE.meaning_is("Lipschitz constant of the gradient"),
    "strong_convexity": POSITIVE.meaning_is("strong convexity of the objective"),
    "step_sizes": NONNEGATIVE_VECTOR.meaning_is("step size of each step"),
    "step_scale": POSITIVE.meaning_is("c in the step sizes alpha_t <= c/t"),
    "steps": COUNT.meaning_is("number of steps T"),
}
