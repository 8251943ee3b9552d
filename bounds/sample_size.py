"""How many examples a bound needs to come down to a target: inversion in n of the bounds that decrease in it."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Protocol

from genbounds.bounds.certificate import Certificate
from genbounds.bounds.declaration import Declaration
from genbounds.bounds.exact import exact
from genbounds.bounds.quantity import Quantity

LARGEST = 2**60
_COUNTS = ("n", "draws", "pairs")


class Invertible(Protocol):
    """What can be inverted: named inputs that are declared, and a certificate for their values."""

    name: str
    inputs: tuple[str, ...]
    declaration: Declaration

    def __call__(self, **arguments: Any) -> Certificate:
        """The certificate at these inputs."""


def sample_size(bound: Invertible, *, target: Any, **arguments: Any) -> int:
    """The smallest n at which the certificate of ``bound`` is at most ``target``, the other inputs as given.

    An input that changes with the sample size (the Frobenius norm of the data) is passed as a function of n, a capacity as
    ``partial(capacity, ...)`` with all its inputs but n; the answer is then the first crossing that doubling and bisection find, and the
    certificate at that n is at most the target in any case. A number stands for the value at every n. Also inverts ``draws`` and
    ``pairs`` of the Monte-Carlo bounds. Raises ``ValueError`` if the bound is not declared decreasing in its sample size, if an input was
    computed at one n, or if no n up to 2^60 reaches the target.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.holdout import hoeffding
    >>> hoeffding.sample_size(target=Fraction(1, 100), empirical_risk=0, delta=Fraction(1, 20))
    14979
    >>> [hoeffding(empirical_risk=0, n=n, delta=Fraction(1, 20)).value <= 0.01 for n in (14978, 14979)]
    [False, True]
    >>> from functools import partial
    >>> from genbounds.bounds.vc import growth_function, log_growth_relu_network
    >>> growth = partial(log_growth_relu_network, widths=(2, 3, 1))
    >>> growth_function.sample_size(target=Fraction(1, 10), empirical_risk=0, log_growth=growth, delta=Fraction(1, 20))
    54424
    """
    count = counted_input(bound)
    if count in arguments:
        raise ValueError(f"{count} must be left out, got {arguments[count]}: it is what sample_size looks for")
    if count == "n":
        for name, entry in arguments.items():
            _refuse_one_n(bound, name, entry)
    goal = exact(target, "target")
    refusal: ValueError | None = None

    def value(n: int) -> float:
        nonlocal refusal
        try:
            return bound(**{name: _at(bound, name, arguments, n) for name in arguments}, **{count: n}).value
        except ValueError as error:  # perhaps n is too small for the other inputs (errors <= n)
            refusal = error
            return math.inf

    high = 1
    while value(high) > goal:
        if high >= LARGEST:
            if refusal is not None and value(LARGEST) == math.inf:
                raise refusal
            raise ValueError(
                f"target must be above what {bound.name} comes down to, got {float(goal):.6g}, "
                f"but at {count} = 2^60 it is {value(LARGEST):.6g}: raise the target, or improve the other inputs"
            )
        high *= 2
    low = high // 2  # not enough, or 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if value(middle) <= goal else (middle, high)
    return high


def counted_input(bound: Invertible) -> str:
    """The input that counts examples or draws, in which the bound decreases; ``ValueError`` if it is not declared to."""
    for name in _COUNTS:
        if name in bound.inputs and name in bound.declaration.decreasing:
            return name
    raise ValueError(f"{bound.name} must be declared decreasing in its sample size to be inverted: evaluate it at the n of interest")


def _at(bound: Invertible, name: str, arguments: dict[str, Any], n: int) -> Any:
    """An input at n: a capacity with its other inputs bound gets by name the n that the input is read at, a function has n as argument."""
    entry = arguments[name]
    if isinstance(entry, partial):
        read_at = bound.declaration.at.get(name)
        return entry(n=read_at({**arguments, "n": n}) if read_at else n)
    return entry(n) if callable(entry) else entry


def _refuse_one_n(bound: Invertible, name: str, entry: Any) -> None:
    known = entry.as_quantity() if isinstance(entry, Certificate) else entry
    if isinstance(known, Quantity) and known.n is not None:
        raise ValueError(
            f"{name} must be given for every n to invert {bound.name} in n, got {known.how} at n={known.n} alone: pass "
            f"partial(formula, ...) with all its inputs but n, or a function of n"
        )
