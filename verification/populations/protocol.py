"""What every population offers: samples that are i.i.d. by construction, and the risk, known."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Key: TypeAlias = "str | int | tuple[Key, ...]"
"""What names a draw: a word, a number, or a tuple of keys, such as ("coverage", 17)."""


@runtime_checkable
class Population(Protocol):
    """A law of (input, label) pairs under which risks are known.

    ``FinitePool`` is one.

    ``input_radius`` bounds ||x||_2 over the whole population, so it is not a sample maximum; ``margin`` is a lower bound on
    max_{||u||=1} min y<u, x>, through the origin, for labels -1 and +1 (None: not separable, or not binary).
    """

    @property
    def name(self) -> str:
        """The name in the registry."""

    @property
    def content_hash(self) -> str:
        """Hash of all that defines the law: two populations with one hash are the same."""

    @property
    def classes(self) -> tuple[int, ...]:
        """The labels, in increasing order."""

    @property
    def input_radius(self) -> float:
        """An upper bound on ||x||_2, for every x of the population."""

    @property
    def bayes_risk(self) -> Fraction:
        """The least risk that any classifier has."""

    @property
    def margin(self) -> float | None:
        """A lower bound on the margin through the origin, or None."""

    def sample(self, key: Key, n: int) -> Array:
        """n independent draws."""

    def risk(self, predictions: Array) -> Fraction:
        """The exact risk of a classifier."""


def generator(*key: Key) -> np.random.Generator:
    """A random generator that depends on its key alone: Philox, keyed with the 128-bit BLAKE2b hash of the key.

    >>> bool(generator("digits", 1).integers(10**6) == generator("digits", 1).integers(10**6))
    True
    >>> bool(generator("digits", 1).integers(10**6) == generator("digits", 2).integers(10**6))
    False
    """
    text = json.dumps(_json_key(key), separators=(",", ":"))
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype="<u8").astype(np.uint64)))


def law_hash(name: str, *parts: Array | float) -> str:
    """BLAKE2b hash of what defines a law that is not a list of points: its name and its parameters, 32 hex digits, as ``content_hash``.

    >>> law_hash("pair", 1.0) == law_hash("pair", np.array(1.0)), law_hash("pair", 1.0) == law_hash("pair", 2.0)
    (True, False)
    """
    digest = hashlib.blake2b(name.encode(), digest_size=16)
    for part in parts:
        array = np.asarray(part, dtype="<f8") + 0.0  # -0.0 becomes 0.0: equal parameters have equal bytes
        digest.update(repr(array.shape).encode() + array.tobytes())
    return digest.hexdigest()


def _json_key(key: Key) -> str | int | list[Any]:
    if isinstance(key, tuple):
        return [_json_key(part) for part in key]
    if isinstance(key, bool) or not isinstance(key, str | int | np.integer):
        raise ValueError(f"key must be made of words and whole numbers, got {key!r}: name a draw, for example ('study', 3)")
    return key if isinstance(key, str) else int(key)
