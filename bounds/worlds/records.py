"""The world that records: a formula read with it leaves the list of its elementary steps, with an enclosure of every value.

What a member can be said by is written out: ln(1 + x) is a sum and a logarithm. So few kinds of steps are left, and whoever checks a proof
needs to know those alone (``docs/check_proof.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from flint import arb

from genbounds.bounds import special
from genbounds.bounds.special.precision import precision
from genbounds.bounds.worlds import ends
from genbounds.bounds.worlds.ends import Ends, spared

Reference: TypeAlias = "int | str"
"""An argument of a step: the number of an earlier step, or an exact number as a text."""

MOST_TRIALS = 10**5
"""Of a binomial tail: a checker adds it up, term by term."""
MOST_EXAMPLES = 10**10
"""Of xi(n), of whose sum some 20 sqrt(n) terms count."""
MOST_TERMS = 10**5
"""Of a product, or a sum of binomial coefficients, that is computed in full."""


class Unprovable(ValueError):
    """A step that no list of elementary steps proves."""


@dataclass
class Step:
    """One step: the operation, its arguments, the name that the formula gives it, and what its value lies in."""

    op: str
    of: tuple[Reference, ...]
    value: Any
    name: str = ""


def _operator(op: str, *, swapped: bool = False) -> Callable[..., Any]:
    """An operator of recorded numbers."""

    def act(self: Recorded, *other: Any) -> Recorded:
        return self.world.point(op, *(other if swapped else ()), self, *(() if swapped else other))

    return act


def _point(op: str) -> Callable[..., Any]:
    """A member that is a step by itself."""

    def act(self: RecordingWorld, *arguments: Any) -> Recorded:
        return self.point(op, *arguments)

    return act


def _list(op: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A member that is a step of whole lists."""

    def act(self: RecordingWorld, *arguments: Any) -> Recorded:
        return self.lists(op, function, *arguments)

    return act


def _refused(op: str, why: str) -> Callable[..., Any]:
    """A member that no elementary step gives."""

    def act(self: RecordingWorld, *arguments: Any) -> Recorded:
        raise self.refuse(op, [entry for entry in arguments if isinstance(entry, Recorded)], why)

    return act


@dataclass
class Recorded:
    """A number of this world: where it stands among the steps (a text for a constant), and what it lies in."""

    world: RecordingWorld
    reference: Reference
    value: Any

    __add__, __radd__ = _operator("add"), _operator("add", swapped=True)
    __sub__, __rsub__ = _operator("subtract"), _operator("subtract", swapped=True)
    __mul__, __rmul__ = _operator("multiply"), _operator("multiply", swapped=True)
    __truediv__, __rtruediv__ = _operator("divide"), _operator("divide", swapped=True)
    __pow__, __rpow__ = _operator("power"), _operator("power", swapped=True)
    __neg__ = _operator("negative")


_ROUNDED: dict[str, Callable[..., tuple[arb, arb] | None]] = {
    "add": lambda a, b: (a.low + b.low, a.high + b.high),
    "subtract": lambda a, b: (a.low - b.high, a.high - b.low),
    "multiply": ends.product,
    "divide": ends.quotient,
    "power": ends.power,
    "log": ends.increasing(lambda x: x.log(), above=0, strictly=True),
    "exp": ends.increasing(lambda x: x.exp()),
    "sqrt": ends.increasing(lambda x: x.sqrt(), above=0),
    "negative": lambda a: (-a.high, -a.low),
    "ceil": ends.increasing(lambda x: x.ceil()),
    "floor": ends.increasing(lambda x: x.floor()),
    "absolute": lambda a: (arb(0).max(a.low).max(-a.high), (-a.low).max(a.high)),
    "minimum": lambda a, b: (a.low.min(b.low), a.high.min(b.high)),
    "maximum": lambda a, b: (a.low.max(b.low), a.high.max(b.high)),
    "bennett_inverse": ends.bennett_inverse,
}
_POINTS: dict[str, Callable[..., Any]] = {
    **{op: spared(function) for op, function in _ROUNDED.items()},
    "kl_inverse": ends.probability(spared(ends.kl_inverse)),
    "kl_inverse_lower": ends.probability(spared(ends.kl_inverse_lower)),
    "less": ends.less,
    "less_equal": ends.less_equal,
    "where": ends.where,
}


class RecordingWorld:
    """The reading of one formula that keeps its steps."""

    def __init__(self, bits: int) -> None:
        """``bits``: those of the ends of every enclosure."""
        self.bits = bits
        self.steps: list[Step] = []
        self._known: dict[tuple[Any, ...], int] = {}

    # --- steps ---------------------------------------------------------------------------------------------------------------------

    def record(self, op: str, of: tuple[Reference, ...], value: Any) -> Recorded:
        """A step; one that was recorded before is not recorded again."""
        key = (op, *((type(entry), entry) for entry in of))
        if key not in self._known:
            self._known[key] = len(self.steps)
            self.steps.append(Step(op, of, value))
        found = self._known[key]
        return Recorded(self, found, self.steps[found].value)

    def input(self, name: str, value: Any) -> Recorded:
        """An input, exact, or a vector or matrix of them."""
        with precision(self.bits):
            entries = np.asarray(value, dtype=object) if isinstance(value, (tuple, list, np.ndarray)) and np.ndim(value) else value
            known = np.frompyfunc(ends.exact, 1, 1)(entries) if isinstance(entries, np.ndarray) else ends.exact(entries)
        return self.record("input", (name,), known)

    def _number(self, value: Any) -> Recorded:
        """What the formula passes: a number of this world, or a constant."""
        if isinstance(value, Recorded):
            return value
        with precision(self.bits):
            return Recorded(self, str(value), ends.exact(value))

    def point(self, op: str, *arguments: Any) -> Recorded:
        """An operation of numbers, entry by entry."""
        numbers = [self._number(entry) for entry in arguments]
        function, values = _POINTS[op], [entry.value for entry in numbers]
        with precision(self.bits):
            if any(isinstance(entry, np.ndarray) for entry in values):
                value = np.frompyfunc(function, len(values), 1)(*values)
            else:
                value = function(*values)
        return self.record(op, tuple(entry.reference for entry in numbers), value)

    def lists(self, op: str, function: Callable[..., Any], *arguments: Any) -> Recorded:
        """An operation of whole lists."""
        numbers = [self._number(entry) for entry in arguments]
        with precision(self.bits):
            value = function(*(entry.value for entry in numbers))
        return self.record(op, tuple(entry.reference for entry in numbers), value)

    def refuse(self, op: str, numbers: list[Recorded], why: str) -> Unprovable:
        """The error that says which step can't be proved."""
        of = ", ".join(str(entry.reference) for entry in numbers)
        return Unprovable(f"step {len(self.steps)}, {op} of {of}, can't be proved: {why}")

    def _whole(self, op: str, numbers: list[Recorded], which: int, most: int) -> int:
        """A count among the arguments of a step, at most ``most``."""
        value = numbers[which].value
        if not isinstance(value, Ends) or value.low != value.high or not value.low.is_integer():
            raise self.refuse(op, numbers, "a count must be a whole number")
        count = int(value.low.unique_fmpz() or 0)
        if count > most:
            raise self.refuse(op, numbers, f"a sum over {count} is longer than a checker should add up (at most {most})")
        return count

    def _counted(self, op: str, counts: dict[int, int], function: Callable[..., tuple[arb, arb] | None], *arguments: Any) -> Recorded:
        """A sum over whole numbers: ``counts`` says where its counts stand, and how large they may be."""
        numbers = [self._number(entry) for entry in arguments]
        values = [self._whole(op, numbers, i, counts[i]) if i in counts else entry.value for i, entry in enumerate(numbers)]
        rounded = ends.probability(spared(function)) if op == "binomial_tail_inverse" else spared(function)
        with precision(self.bits):
            value = rounded(*values)
        return self.record(op, tuple(entry.reference for entry in numbers), value)

    # --- members -------------------------------------------------------------------------------------------------------------------

    log, exp, sqrt, power = _point("log"), _point("exp"), _point("sqrt"), _point("power")
    ceil, floor, absolute = _point("ceil"), _point("floor"), _point("absolute")
    minimum, maximum = _point("minimum"), _point("maximum")
    less, less_equal, where = _point("less"), _point("less_equal"), _point("where")
    kl_inverse, kl_inverse_lower, bennett_inverse = _point("kl_inverse"), _point("kl_inverse_lower"), _point("bennett_inverse")
    sum, prod, largest = (
        _list("sum", ends.along_last(ends.added)),
        _list("product", ends.along_last(ends.multiplied)),
        _list("largest", ends.along_last(ends.largest)),
    )
    carried = _list("carried", ends.carried)
    last = _list("last", lambda value: value[..., -1])
    before, after = _list("before", lambda value: value[..., :-1]), _list("after", lambda value: value[..., 1:])
    rows = _list("rows", lambda value: value[..., None, :])
    along = _list("along", lambda value: value[..., None] if isinstance(value, np.ndarray) else value)
    prepend = _list("prepend", lambda first, value: np.concatenate([np.array([first], dtype=object), value]))
    positions = _list("positions", lambda value: np.array([ends.exact(i + 1) for i in range(value.shape[-1])], dtype=object))
    last_crossing = _refused("last_crossing", "it rests on a function being concave, which no elementary step shows")
    cumulative = _refused("cumulative", "no elementary step gives running sums")
    capital_inverse = _refused("capital_inverse", "no elementary step gives the inverse of a capital")
    mixture_inverse = _refused("mixture_inverse", "no elementary step gives the inverse of a mixture")
    change_of_compression_inverse = _refused("change_of_compression_inverse", "no elementary step gives this inverse")
    with_last = _refused("with_last", "no elementary step replaces an entry")

    def lift(self, value: Any) -> Recorded:
        """A constant, or the number itself."""
        return self._number(value)

    def let(self, latex: str, expression: Any) -> Any:
        """The expression, which keeps the name."""
        if isinstance(expression, Recorded) and isinstance(expression.reference, int):
            step = self.steps[expression.reference]
            step.name = step.name or re.sub(r"[\\{}$ ]", "", latex)
        return expression

    @property
    def pi(self) -> Recorded:
        """Refused: no step gives it."""
        raise self.refuse("pi", [], "no elementary step gives it")

    def ratio(self, p: int, q: int) -> Recorded:
        """The constant p/q."""
        return self._number(Fraction(p, q))

    def log2(self, x: Any) -> Any:
        """ln x / ln 2."""
        return self.log(x) / self.log(2)

    def log1p(self, x: Any) -> Any:
        """ln(1 + x)."""
        return self.log(1 + self._number(x))

    def log_quotient(self, x: Any, y: Any) -> Any:
        """ln(x/y)."""
        return self.log(self._number(x) / y)

    def smallest(self, vector: Any) -> Any:
        """The smallest entry, which is minus the largest of the negatives."""
        return -self.largest(-self._number(vector))

    def expm1(self, x: Any) -> Any:
        """exp(x) - 1."""
        return self.exp(x) - 1

    def one_minus_exp(self, x: Any) -> Any:
        """1 - exp(-x)."""
        return 1 - self.exp(-self._number(x))

    def x_minus_log1p(self, x: Any) -> Any:
        """x - ln(1 + x)."""
        return self._number(x) - self.log1p(x)

    def binomial_tail_inverse(self, k: Any, n: Any, delta: Any) -> Recorded:
        """The inverse of the binomial tail."""
        return self._counted("binomial_tail_inverse", {0: MOST_TRIALS, 1: MOST_TRIALS}, ends.binomial_tail_inverse, k, n, delta)

    def binomial_tail_inverse_log(self, k: Any, n: Any, cost: Any) -> Recorded:
        """The same at exp(-cost)."""
        return self.binomial_tail_inverse(k, n, self.exp(-self._number(cost)))

    def log_binomial_sum(self, n: Any, d: Any) -> Recorded:
        """The logarithm of a Sauer sum."""
        op, numbers = "log_binomial_sum", [self._number(n), self._number(d)]
        whole, dimension = (self._whole(op, numbers, i, 2**4096) for i in (0, 1))
        if dimension < whole and dimension * whole.bit_length() * dimension > MOST_TERMS * 10**5:
            raise self.refuse(op, numbers, f"{dimension} binomial coefficients of {whole} are more than a checker should add up")
        return self._counted(op, {0: 2**4096, 1: 2**4096}, lambda a, b: (special.log_binomial_sum_ball(a, b),) * 2, n, d)

    def ceil_log2(self, n: Any) -> Recorded:
        """The smallest whole k >= 0 with 2^k >= n."""
        return self._counted("ceil_log2", {0: 2**4096}, lambda count: (arb((count - 1).bit_length()),) * 2, n)

    def xi(self, n: Any) -> Recorded:
        """Maurer's moment."""
        return self._counted("xi", {0: MOST_EXAMPLES}, lambda count: (ends.loose(special.xi_ball(count)),) * 2, n)

    def log_gamma_second_increment(self, x: Any, a: Any, b: Any) -> Any:
        """The logarithm of a quotient of gamma functions, which is a product for a whole b."""
        return self.log(self._counted("gamma_quotient", {2: MOST_TERMS}, ends.gamma_quotient, x, a, b))

    # --- lists ---------------------------------------------------------------------------------------------------------------------

    def total(self, terms: list[Recorded]) -> Recorded:
        """The sum of the terms of a formula, the last step."""
        return self.lists("total", lambda *values: ends.added(list(values)), *terms)
