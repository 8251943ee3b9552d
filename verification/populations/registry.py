"""Populations by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from genbounds.verification.populations.breast_cancer import breast_cancer
from genbounds.verification.populations.digits import digits
from genbounds.verification.populations.fashion_mnist import fashion_mnist
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.mnist import mnist
from genbounds.verification.populations.mnist1d import mnist1d
from genbounds.verification.populations.separable import separable

POOLS: dict[str, Callable[[], FinitePool]] = {
    "breast_cancer": breast_cancer,
    "digits": digits,
    "fashion_mnist": fashion_mnist,
    "mnist": mnist,
    "mnist1d": mnist1d,
    "separable": separable,
}
"""A new pool is a file of its own and one line here."""
VERSUS = "_vs_rest"


@cache
def population(name: str) -> FinitePool:
    """The population of that name, loaded once.

    In addition to the names of ``names()``, ``POOL_LABEL_vs_rest`` is the binary problem of one label against the others, with
    labels
    +1 and -1: ``digits_0_vs_rest``.

    Raises:
        ValueError: an unknown name; the message lists the known ones.

    >>> population("digits").size, population("digits_0_vs_rest").classes
    (1797, (-1, 1))
    """
    if name in POOLS:
        return POOLS[name]()
    if name.endswith(VERSUS):
        pool, _, label = name.removesuffix(VERSUS).rpartition("_")
        if pool in POOLS and label.lstrip("-").isdigit():
            return population(pool).one_against_rest(int(label))
    known = ", ".join(names())
    raise ValueError(f"population must be one of {known}, or POOL_LABEL{VERSUS}, got {name!r}")


def binary(name: str, positive: int = 0) -> FinitePool:
    """One label of a pool against the rest: ``binary("digits", positive=0)`` is ``population("digits_0_vs_rest")``.

    >>> binary("digits", positive=3).classes
    (-1, 1)
    """
    return population(f"{name}_{positive}{VERSUS}")


def names() -> tuple[str, ...]:
    """The names of the pools, in alphabetical order.

    >>> names()
    ('breast_cancer', 'digits', 'fashion_mnist', 'mnist', 'mnist1d', 'separable')
    """
    return tuple(sorted(POOLS))
