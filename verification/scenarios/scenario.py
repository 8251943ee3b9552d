"""A scenario: a population, a learner, and what is measured on one sample. It knows no bound.

A scenario offers what bounds take (``inputs``, under the catalogue's names) and what they bound (``truths``), says which assumptions
hold in it (``audit``), and lists ``worlds``: for each choice of its parameters (the number of examples, a probability, a number of
hypotheses) every sample that can occur, with its probability. Where samples cannot be listed, ``draws`` makes independent ones.
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from genbounds.bounds.assumptions import Assumption, Audit, Status
from genbounds.verification.scenarios.ranges import Range

Size = Literal["thumbnail", "full"]
"""How much a scenario may take: a fraction of a second for each bound that it judges, or a minute."""


def holding(how: str, *assumptions: Assumption) -> dict[Assumption, tuple[Status, str]]:
    """Audit entries of assumptions that hold by construction, all for the same reason.

    >>> from genbounds.bounds.assumptions import IID_SAMPLE
    >>> holding("independent coins", IID_SAMPLE)[IID_SAMPLE]
    ('by construction', 'independent coins')
    """
    return dict.fromkeys(assumptions, ("by construction", how))


def violating(how: str, *assumptions: Assumption) -> dict[Assumption, tuple[Status, str]]:
    """Audit entries of assumptions that do not hold, all for the same reason.

    >>> from genbounds.bounds.assumptions import ONE_PASS
    >>> violating("the order looks at the labels", ONE_PASS)[ONE_PASS]
    ('violated', 'the order looks at the labels')
    """
    return dict.fromkeys(assumptions, ("violated", how))


@dataclass(frozen=True)
class World:
    """All samples of one setting of a scenario, or independent draws from it.

    Args:
        label: the setting in words that a reader can rebuild it from: ``"n = 10, p = 1/2"``.
        common: inputs that are the same for every sample, exactly (ints, Fractions, doubles, tuples of them for vectors).
        inputs: for each other input one exact value (or tuple) per sample.
        truths: for each thing that bounds may bound, one number per sample; Fractions where they are known exactly. The gap between
            risk and empirical risk is signed.
        probabilities: of the samples, adding up to 1: Fractions where the law is exact, doubles (correct to 1e-9 relative) where the
            numbers would be too long. Empty for independent draws, each of the same weight.
        truth_range: an interval that holds the truth of every draw, known beforehand; limits on means need it.
        estimates: for a truth whose mean is bounded, other numbers with the same mean, one per draw, and an interval that is known
            beforehand to hold them: limits on the mean that are far closer (a gap by twins, say, whose noise is shared).
    """

    label: str
    common: Mapping[str, Any]
    inputs: Mapping[str, Sequence[Any] | NDArray[Any]]
    truths: Mapping[str, Sequence[Any] | NDArray[Any]]
    probabilities: Sequence[Fraction | float] = ()
    truth_range: tuple[float, float] = (0.0, 1.0)
    estimates: Mapping[str, tuple[Sequence[float] | NDArray[Any], float, float]] = field(default_factory=dict)
    _arrays: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse sequences of different lengths, and probabilities that do not add up to 1."""
        lengths = {len(entry) for entry in (*self.inputs.values(), *self.truths.values())}
        lengths |= {len(values) for values, _, _ in self.estimates.values()}
        lengths |= {len(self.probabilities)} if len(self.probabilities) else set()
        if len(lengths) != 1:
            raise ValueError(f"inputs, truths and probabilities must have one entry per sample, got lengths {sorted(lengths)}: count again")
        if len(self.probabilities) and abs(float(sum(self.probabilities)) - 1) > 1e-6:
            raise ValueError(f"probabilities must add up to 1, got {float(sum(self.probabilities))}: list every sample once")

    def __len__(self) -> int:
        """The number of samples."""
        return len(next(iter(self.truths.values())))

    @property
    def enumerated(self) -> bool:
        """Whether these are all samples with their probabilities, rather than draws."""
        return bool(len(self.probabilities))

    @cached_property
    def exact(self) -> bool:
        """Whether every probability is known exactly."""
        return self.enumerated and all(isinstance(entry, (int, Fraction)) for entry in self.probabilities)

    def probability(self, chosen: NDArray[np.bool_]) -> Fraction | float:
        """The probability of some of the samples: a Fraction where the law is exact."""
        if not self.exact:
            return float(np.sum(self.weights()[chosen]))
        parts, whole = self._parts
        return Fraction(sum(parts[sample] for sample in np.flatnonzero(chosen).tolist()), whole)

    @cached_property
    def _parts(self) -> tuple[list[int], int]:
        """The exact probabilities over one denominator."""
        law = [Fraction(entry) for entry in self.probabilities]
        whole = math.lcm(*(entry.denominator for entry in law))
        return [int(entry * whole) for entry in law], whole

    def names(self) -> frozenset[str]:
        """The inputs that the world supplies."""
        return frozenset(self.common) | frozenset(self.inputs)

    def floats(self, name: str) -> NDArray[np.float64]:
        """An input for all samples at once: its common value, or an array whose first axis is the sample."""
        if name not in self._arrays:
            source = self.common[name] if name in self.common else self.inputs[name]
            self._arrays[name] = np.array(source, dtype=np.float64)
        return self._arrays[name]

    def truth(self, bounds_on: str) -> NDArray[np.float64]:
        """What is bounded, one number per sample, to nearest."""
        key = f"truth of {bounds_on}"
        if key not in self._arrays:
            self._arrays[key] = np.array([float(entry) for entry in self.truths[bounds_on]])
        return self._arrays[key]

    def weights(self) -> NDArray[np.float64]:
        """The probabilities as floats; equal ones for draws."""
        if not self.enumerated:
            return np.full(len(self), 1 / len(self))
        key = "probabilities"
        if key not in self._arrays:
            self._arrays[key] = np.array([float(entry) for entry in self.probabilities])
        return self._arrays[key]

    def exact_input(self, name: str, sample: int) -> Any:
        """An input on one sample, exactly."""
        return self.common[name] if name in self.common else self.inputs[name][sample]


class Scenario(ABC):
    """A learner on a population, and what is measured on one sample; a subclass is one file.

    Attributes:
        name: what the command line and reports call it; unique among the scenarios.
        description: one sentence for readers.
        inputs: the catalogue's names of the inputs that every world supplies.
        truths: what the worlds know of what bounds bound: ``RISK``, ``GIBBS_RISK``, ``EXPECTED_GAP``, ``MISTAKES``, ...
        audit: the assumptions that hold (or, in a hostile scenario, do not) in every world, with the reason.
        chosen_on_sample: inputs whose values look at the sample, so that no bound that wants them fixed in advance is judged here.
        hostile: in words, the choice that looks at the sample here ("the start of the run"); empty for an honest scenario.
        ranges: of the parameters of ``family``, for a search; empty where there is none.
        revision: raised in the same commit as any change of the scenario's numbers, so that stored results are not reused.
    """

    name: str
    description: str
    inputs: frozenset[str]
    truths: frozenset[str]
    audit: Audit
    chosen_on_sample: frozenset[str] = frozenset()
    hostile: str = ""
    ranges: ClassVar[Mapping[str, Range]] = {}
    revision: int = 1

    def worlds(self, size: Size) -> Iterator[World]:
        """Settings in which every sample is listed with its probability, the cheap ones first; none by default."""
        return iter(())

    def listed(self, size: Size) -> tuple[World, ...]:
        """The worlds, made once in a process: many bounds are judged in them."""
        made: dict[Size, tuple[World, ...]] = self.__dict__.setdefault("_listed", {})
        if size not in made:
            made[size] = tuple(self.worlds(size))
        return made[size]

    def drawn(self, keys: range) -> tuple[World, ...]:
        """The draws, made once in a process for the latest range of keys."""
        made: dict[range, tuple[World, ...]] = self.__dict__.setdefault("_drawn", {})
        if keys not in made:
            made.clear()
            made[keys] = tuple(self.draws(keys))
        return made[keys]

    def family(self, **parameters: Any) -> World:
        """The world of these parameters, one for each of ``ranges``: where a search looks for the least slack."""
        raise ValueError(f"{self.name} has no family of worlds: search a scenario that has ranges")

    def counted(self, n: int) -> World | None:
        """The inputs after 0, 1, ..., n errors, where they depend on nothing else; then any true risk can be looked at.

        Only the inputs of the world are read. None, the default, where samples are more than counts of errors.
        """
        return None

    def draws(self, keys: range) -> Iterator[World]:
        """Settings of which the samples are independent draws, one for each key; none by default.

        Draw k depends on k alone, so that any range of keys may be made anywhere.
        """
        return iter(())


def binomial_law(n: int, p: Fraction) -> list[Fraction | float]:
    """P(Bin(n, p) = k) for k = 0..n: Fractions up to n = 64, doubles (to 1e-11 relative) beyond.

    >>> binomial_law(2, Fraction(1, 4))
    [Fraction(9, 16), Fraction(3, 8), Fraction(1, 16)]
    """
    if n <= LARGEST_EXACT:
        return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    from scipy import special

    k = np.arange(n + 1)
    logs = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return list(np.exp(logs + special.xlogy(k, float(p)) + special.xlog1py(n - k, -float(p))))


LARGEST_EXACT = 64
"""Up to so many examples the law of a count is made of Fractions."""


def low_counts(n: int, p: Fraction, deviations: int = 8) -> tuple[list[int], list[float]]:
    """The counts from so many standard deviations below n p up to n p, and their probabilities under Bin(n, p), correct to 1e-9 relative.

    For many examples: a bound can be too low only where the sample shows less than the truth. What is left of 1 belongs to other counts.
    From the mode the probabilities follow by their ratios, so that no large logarithms cancel.

    >>> counts, law = low_counts(10**6, Fraction(1, 2))
    >>> counts[-1], round(sum(law), 4)  # half, and half of the probability of the middle
    (500000, 0.5004)
    """
    spread = math.isqrt(int(n * p * (1 - p))) + 1
    mode = int((n + 1) * p)
    k = np.arange(max(0, mode - 20 * spread - 100), min(n, mode + 20 * spread + 100) + 1)
    odds = math.log(p.numerator) - math.log(p.denominator - p.numerator)
    steps = np.log((n - k[:-1]) / (k[:-1] + 1.0)) + odds
    logs = np.append(0.0, np.cumsum(steps))
    law = np.exp(logs - logs[mode - k[0]])
    law /= math.fsum(law)
    kept = (k >= mode - deviations * spread) & (k <= math.floor(n * p))
    return k[kept].tolist(), law[kept].tolist()


def just_missed(n: int, level: Fraction, digits: int = 4) -> Fraction:
    """The largest risk, cut to some digits, of which no error is seen among n examples with a probability above the level.

    >>> just_missed(1, Fraction(1, 20))
    Fraction(9499, 10000)
    """
    scale = 10**digits
    # A part in 10^9 of the risk is given away, far more than the error of the floats.
    return Fraction(math.floor(-math.expm1(math.log(level) / n) * (1 - 1e-9) * scale), scale)


def log_up(size: int) -> float:
    """The logarithm of a whole number, rounded up.

    >>> log_up(1), log_up(2) > math.log(2)
    (0.0, True)
    """
    return math.nextafter(math.log(size), math.inf) if size > 1 else 0.0
