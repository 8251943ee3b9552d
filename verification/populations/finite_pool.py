"""A finite pool sampled with replacement: real data as a population whose risks are exact fractions."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np

from genbounds.verification.populations.margins import dot_lower, largest_margin_direction, norm_upper
from genbounds.verification.populations.protocol import Array, Key, generator

LARGEST_SAMPLE = 2**62
"""Counts are 64-bit integers."""
LARGEST_INDEX_SAMPLE = 10**9
"""Larger samples are drawn as counts: an index array would not fit into memory."""


@dataclass(frozen=True, eq=False)
class FinitePool:
    """The uniform law on N labelled points.

    A sample is n draws with replacement, hence i.i.d., whatever n, also n far above N; it is given as n indices into
    the
    pool or, for any n, as the N counts of how often each point was drawn. The risk of a classifier is its number of
    errors
    on the pool over N, exactly. The inputs are used as they are: whatever scaling made them is a fixed map that
    belongs to
    the definition of the population, and nothing is ever fitted on a sample.

    Args:
        name: the name in the registry; draws depend on it.
        inputs: (N, d) array, float64.
        labels: (N,) array of whole numbers.
        scaling: how the inputs were made from the raw data, for the report.
        separator: a vector known to separate the labels -1 and +1 through the origin; without it one is computed.

    Raises:
        ValueError: empty data, shapes that do not fit, inputs that are not finite, labels that are not whole.

    >>> pool = FinitePool("two points", np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([1, -1]), "none")
    >>> pool.input_radius, pool.risk(np.array([1, 1])), pool.sample_counts("first", 10**12).sum()
    (5.0, Fraction(1, 2), np.int64(1000000000000))
    """

    name: str
    inputs: Array
    labels: Array
    scaling: str
    separator: Array | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check the data, and freeze them."""
        if not isinstance(self.inputs, np.ndarray) or self.inputs.ndim != 2 or self.inputs.size == 0:
            shape = getattr(self.inputs, "shape", None)
            raise ValueError(f"inputs must be a non-empty array of shape (points, features), got shape {shape}")
        inputs = np.array(self.inputs, dtype=np.float64, order="C")
        if not np.all(np.isfinite(inputs)):
            raise ValueError("inputs must be finite, got nan or infinity: drop or impute such points first")
        labels = np.asarray(self.labels)
        if labels.shape != inputs.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"labels must be whole numbers, one for each of the {len(inputs)} inputs, got {labels.dtype} of shape {labels.shape}"
            )
        labels = np.array(labels, dtype=np.int64)
        inputs.setflags(write=False)
        labels.setflags(write=False)
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "labels", labels)

    @property
    def size(self) -> int:
        """The number of points N."""
        return len(self.inputs)

    @property
    def features(self) -> int:
        """The input dimension d."""
        return int(self.inputs.shape[1])

    @cached_property
    def classes(self) -> tuple[int, ...]:
        """The labels, in increasing order."""
        return tuple(int(label) for label in np.unique(self.labels))

    @cached_property
    def content_hash(self) -> str:
        """BLAKE2b hash of shape, inputs and labels as little-endian bytes: 32 hex digits, the same on every machine."""
        digest = hashlib.blake2b(digest_size=16)
        digest.update(repr(self.inputs.shape).encode())
        digest.update(self.inputs.astype("<f8").tobytes())
        digest.update(self.labels.astype("<i8").tobytes())
        return digest.hexdigest()

    @cached_property
    def input_radius(self) -> float:
        """The largest ||x||_2 over the pool, so a bound for every sample: exact up to rounding up to a double."""
        return norm_upper(self.inputs)

    @cached_property
    def bayes_risk(self) -> Fraction:
        """The risk of the best classifier: errors arise only where equal inputs carry different labels.

        >>> FinitePool("clash", np.zeros((3, 1)), np.array([0, 0, 1]), "none").bayes_risk
        Fraction(1, 3)
        """
        groups: defaultdict[bytes, Counter[int]] = defaultdict(Counter)
        # Adding 0 turns -0.0 into 0.0: equal inputs must have equal bytes.
        for row, label in zip(self.inputs + 0.0, self.labels, strict=True):
            groups[row.tobytes()][int(label)] += 1
        return Fraction(sum(count.total() - max(count.values()) for count in groups.values()), self.size)

    @cached_property
    def margin(self) -> float | None:
        """min y<u, x> over the pool for one unit vector u, rounded down; None if the labels are not -1 and +1, or
        inseparable.

        It holds for every draw of the population. u is the given separator, or the direction of the hard-margin
        solution,
        whose own tolerance can only make this number smaller, which is the safe direction.
        """
        if self.classes != (-1, 1):
            return None
        signed = self.inputs * self.labels[:, None]
        direction = largest_margin_direction(signed) if self.separator is None else self.separator
        margin = dot_lower(signed, direction)
        return margin if margin > 0 else None

    def sample(self, key: Key, n: int, purpose: str = "sample") -> Array:
        """Indices of n independent uniform draws, shape (n,), int64. ``sample_counts`` gives samples of any size.

        The draws depend on (name, purpose, key) alone. They are other draws than those of ``sample_counts``.

        Raises:
            ValueError: n < 1, or above 1e9.
        """
        size = _sample_size(n, LARGEST_INDEX_SAMPLE, "draw larger samples with sample_counts")
        return generator(self.name, purpose, key, "indices").integers(self.size, size=size, dtype=np.int64)

    def sample_counts(self, key: Key, n: int, purpose: str = "sample") -> Array:
        """How often each of the N points occurs among n independent uniform draws: shape (N,), int64, adding up to n.

        A multinomial vector costs the same whatever n is. Two disjoint samples are two such vectors with different
        keys.

        Raises:
            ValueError: n < 1, or above 2^62.
        """
        size = _sample_size(n, LARGEST_SAMPLE, "counts are 64-bit integers")
        shares = np.full(self.size, 1 / self.size)
        return generator(self.name, purpose, key, "counts").multinomial(size, shares).astype(np.int64)

    def counts(self, indices: Array) -> Array:
        """The counts of a sample given as indices: shape (N,)."""
        return np.bincount(indices, minlength=self.size)

    def wrong(self, predictions: Array) -> Array:
        """Which points of the pool are misclassified: True and False, of shape (..., N), for predictions of that shape.

        Predictions are labels (whole numbers); an array of True and False is taken as the error indicator itself.

        Raises:
            ValueError: the last axis is not the pool, or the entries are scores instead of labels.
        """
        given = np.asarray(predictions)
        if given.ndim == 0 or given.shape[-1] != self.size:
            raise ValueError(
                f"predictions must have one entry for each of the {self.size} points of {self.name!r} on the last axis, "
                f"got shape {given.shape}: predict for pool.inputs"
            )
        if given.dtype == np.bool_:
            return given
        if not np.issubdtype(given.dtype, np.integer):
            raise ValueError(
                f"predictions must be labels, whole numbers, or the error indicator as True and False, got {given.dtype}: "
                "take the class with the largest score first"
            )
        wrong: Array = given != self.labels
        return wrong

    def errors(self, predictions: Array) -> Array:
        """Numbers of misclassified points, of shape (...) for predictions of shape (..., N)."""
        return np.asarray(np.count_nonzero(self.wrong(predictions), axis=-1))

    def risk(self, predictions: Array) -> Fraction:
        """The exact risk: errors over N, for predictions (or an error indicator) of shape (N,)."""
        count = self.errors(predictions)
        if count.ndim != 0:
            raise ValueError(
                f"predictions must be those of one classifier, shape ({self.size},), got {np.shape(predictions)}: "
                "errors(...) counts for many at once"
            )
        return Fraction(int(count), self.size)

    def sample_errors(self, predictions: Array, counts: Array) -> int:
        """Errors of one classifier on a sample given as counts, an exact whole number."""
        wrong = self.wrong(predictions)
        return int(np.asarray(counts, dtype=np.int64)[wrong].sum())

    def one_against_rest(self, positive: int) -> FinitePool:
        """The binary problem "is the label ``positive``?", with labels +1 and -1, on the same inputs.

        Raises:
            ValueError: ``positive`` is none of the labels.
        """
        if positive not in self.classes:
            raise ValueError(f"positive must be one of the labels {list(self.classes)} of {self.name!r}, got {positive!r}")
        labels = np.where(self.labels == positive, 1, -1)
        return FinitePool(f"{self.name}_{positive}_vs_rest", self.inputs, labels, self.scaling)


def _sample_size(n: int, largest: int, remedy: str) -> int:
    if isinstance(n, bool) or not math.isfinite(n) or n != int(n) or n < 1:
        raise ValueError(f"n must be a whole number of draws, at least 1, got {n}")
    if n > largest:
        raise ValueError(f"n must be at most {largest}, got {n}: {remedy}")
    return int(n)
