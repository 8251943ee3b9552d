"""The torch reading of a formula: values stay on their device and are differentiable.

A formula is computed in float64 whatever the dtype of the inputs, and its value is rounded up to the widest of their
dtypes: what float16, bfloat16 or float32 lose on the way would leave it below the bound.

So any registered bound is a training objective: ``bound.value(empirical_risk=tensor, kl=tensor, n=n, delta=delta)``
is a tensor with a gradient. Importing ``genbounds.models`` registers this world; ``genbounds.bounds`` never imports
torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from genbounds.bounds import special
from genbounds.bounds.special.gamma import log_gamma_second_increment as _log_gamma_second_increment
from genbounds.bounds.special.summing import product_and_rest
from genbounds.bounds.worlds import register_world

_NEWTON_STEPS = 8
_PAD = 1e-13  # relative; what genbounds.bounds.special adds as well


def _host(value: Tensor) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A detached float64 copy on the CPU."""
    return value.detach().to(device="cpu", dtype=torch.float64).numpy()


def _like(value: Any, template: Tensor) -> Tensor:
    """A float64 array or tensor in the template's dtype and on its device, rounded up to that dtype."""
    wide = torch.as_tensor(value, dtype=torch.float64, device=template.device)
    narrow = wide.to(template.dtype)
    return torch.where(narrow.to(torch.float64) < wide, torch.nextafter(narrow, torch.full_like(narrow, math.inf)), narrow)


def _broadcast(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both in their common shape."""
    both: tuple[Tensor, Tensor] = torch.broadcast_tensors(a, b)  # type: ignore[no-untyped-call]
    return both


def _two_sum(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The rounded sum, and what the rounding took away (Knuth's two-sum)."""
    total = a + b
    virtual = total - a
    return total, ((a - (total - virtual)) + (b - virtual)).detach()


def _grown(growth: Tensor, rest: Tensor, value: Tensor) -> Tensor:
    """What a factor of 1 + growth adds; nothing where the factor is below a half, and is taken whole."""
    return torch.where(growth < -0.5, 0.0, growth * value + rest * value)


class _KLInverse(Function):
    """kl_inverse (upper) and kl_inverse_lower, with gradients by the implicit function theorem.

    From kl(q||p) = c: dp/dc = p (1 - p) / (p - q) and dp/dq = ln(p (1 - q) / (q (1 - p))) p (1 - p) / (p - q).
    """

    @staticmethod
    def forward(ctx: Any, q: Tensor, c: Tensor, upper: bool) -> Tensor:
        if q.device.type == "cpu":
            function = special.kl_inverse if upper else special.kl_inverse_lower
            wide = torch.as_tensor(function(_host(q), _host(c)), dtype=torch.float64)
        else:
            wide = _newton(q.detach().to(torch.float64), c.detach().to(torch.float64), upper)
        ctx.save_for_backward(q, wide)
        return _like(wide, q) if upper else wide.to(q.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        q, p = ctx.saved_tensors
        q = q.to(torch.float64)
        tiny = torch.finfo(torch.float64).tiny
        gap = torch.where((p - q).abs() < tiny, torch.full_like(p, tiny), p - q)
        by_c = p * (1 - p) / gap
        q_inside, rest = q.clamp(tiny, 1.0), (1 - p).clamp(min=tiny)
        log_odds = torch.log(p.clamp(min=tiny) / q_inside) + torch.log((1 - q).clamp(min=tiny) / rest)
        # Where p = q the quotient is 0/0 with limit 1; where p has reached 0 or 1 it stays there.
        by_q = torch.where(p == q, torch.ones_like(p), log_odds * by_c)
        saturated = (p <= 0) | (p >= 1)
        by_c, by_q = (torch.where(saturated, torch.zeros_like(p), by) for by in (by_c, by_q))
        wide = gradient.to(torch.float64)
        return (wide * by_q).to(gradient.dtype), (wide * by_c).to(gradient.dtype), None


def _newton(q: Tensor, c: Tensor, upper: bool) -> Tensor:
    """Both inverses on the device, as in genbounds.bounds.special: Newton from the right on a convex function, then
    the pad.

    The mass m that shrinks (1 - q for the upper inverse, q for the lower) becomes m e^{-v}; F(v) = m v - o ln(1 +
    d/o) = c, d = m (1 - e^{-v}), o = 1 - m.
    """
    q, c = _broadcast(q, c)
    m = ((1 - q) if upper else q).clamp(min=1e-300)
    o = (q if upper else (1 - q)).clamp(min=1e-300)
    level = torch.minimum(c, 800.0 * m)
    d = level * m + torch.sqrt(m * level * (m * level + 2 * o))
    v = torch.fmin(-torch.log1p(-(d / m).clamp(max=1 - 1e-16)), level / m + 1.0).clamp(min=1e-300)
    for _ in range(_NEWTON_STEPS):
        d = -m * torch.expm1(-v)
        step = (m * v - o * torch.log1p(d / o) - level) * (o + d) / d
        v = torch.maximum(v - torch.nan_to_num(step), 0.25 * v)
    if upper:
        p = torch.where(q == 0, -torch.expm1(-c), q - m * torch.expm1(-v))
        p = (p * (1 + _PAD)).clamp(max=1.0)
        p = torch.where(q == 1, torch.ones_like(p), p)
    else:
        p = torch.where(q == 1, torch.exp(-c), q * torch.exp(-v)) * (1 - 10 * _PAD)
        p = torch.where((q == 0) | (c >= 1600.0 * q), torch.zeros_like(p), p)
    p = torch.where(c == 0, q, p)
    return torch.where((q >= 0) & (q <= 1) & (c >= 0), p, torch.full_like(p, math.nan))


class _XMinusLog1p(Function):
    """x - ln(1 + x) without cancellation; its derivative is x / (1 + x)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        s = x / (2.0 + x)
        z = s * s
        series = torch.full_like(z, 1 / 37)
        for odd in range(35, 1, -2):
            series = series * z + 1 / odd
        return torch.where((x > -0.5) & (x < 1.0), s * (x - 2.0 * z * series), x - torch.log1p(x))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        x: Tensor = ctx.saved_tensors[0]
        return gradient * (x / (1.0 + x))


class _BennettInverse(Function):
    """bennett_inverse, with gradients by the implicit function theorem.

    From v h(t/v) = c with u = t/v: dt/dc = 1/ln(1 + u) and dt/dv = (u - ln(1 + u))/ln(1 + u).
    """

    @staticmethod
    def forward(ctx: Any, v: Tensor, c: Tensor) -> Tensor:
        t = torch.as_tensor(special.bennett_inverse(_host(v), _host(c)), dtype=torch.float64, device=v.device)
        ctx.save_for_backward(v, t)
        return _like(t, v)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        v, t = ctx.saved_tensors
        u = t / v.to(torch.float64).clamp(min=torch.finfo(torch.float64).tiny)
        log = torch.log1p(u).clamp(min=torch.finfo(torch.float64).tiny)
        wide = gradient.to(torch.float64)
        by_v = torch.as_tensor(special.x_minus_log1p(_host(u)), dtype=torch.float64, device=v.device) / log
        return (wide * by_v).to(gradient.dtype), (wide / log).to(gradient.dtype)


class _Xi(Function):
    """xi(n) as genbounds.bounds.special rounds it up; its derivative is that of sqrt(pi n / 2) exp(1/(12 n)) + 2/3."""

    @staticmethod
    def forward(ctx: Any, n: Tensor) -> Tensor:
        ctx.save_for_backward(n)
        return _like(special.xi(_host(n)), n)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        n: Tensor = ctx.saved_tensors[0]
        main = torch.sqrt(math.pi * n / 2) * torch.exp(1 / (12 * n))
        return gradient * main * (1 / (2 * n) - 1 / (12 * n * n))


class _LogGammaSecondIncrement(Function):
    """ln (Gamma(x) Gamma(x + a + b) / (Gamma(x + a) Gamma(x + b))), with gradients by the digamma function."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, a: Tensor, b: Tensor) -> Tensor:
        ctx.save_for_backward(x, a, b)
        return torch.as_tensor(_log_gamma_second_increment(_host(x), _host(a), _host(b))).to(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, a, b = ctx.saved_tensors
        by_a, by_b = (torch.digamma(x + a + b) - torch.digamma(x + one) for one in (a, b))
        return gradient * (by_a - torch.digamma(x + b) + torch.digamma(x)), gradient * by_a, gradient * by_b


class _RoundedUp(Function):
    """A float64 value in a narrower dtype, never below it; the gradient passes through."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, dtype: torch.dtype) -> Tensor:
        return _like(value.detach(), torch.empty((), dtype=dtype, device=value.device))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient.to(torch.float64), None


class TensorMath:
    """The ``math`` of one call: tensors of one dtype on one device. Python numbers become such tensors."""

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        """``dtype`` and ``device``: those of every value of the call."""
        self.dtype, self.device = dtype, device
        self.pi = math.pi

    def lift(self, value: Any) -> Tensor:
        """A number, sequence, array or tensor in the call's dtype and on its device."""
        if isinstance(value, Tensor):
            return value.to(device=self.device, dtype=self.dtype)
        if isinstance(value, (list, tuple)):
            return torch.stack([self.lift(entry) for entry in value], dim=-1)
        array = np.vectorize(float, otypes=[np.float64])(np.asarray(value)) if np.asarray(value).dtype == object else value
        return torch.as_tensor(np.asarray(array, dtype=np.float64), device=self.device).to(self.dtype)

    def ratio(self, p: int, q: int) -> Tensor:
        """The constant p/q."""
        return self.lift(p / q)

    def log(self, x: Any) -> Tensor:
        """Natural logarithm."""
        return torch.log(self.lift(x))

    def log_quotient(self, x: Any, y: Any) -> Tensor:
        """ln(x/y), close to 1 without cancellation; infinite where the quotient overflows, and so is the bound, which is safe."""
        x, y = _broadcast(self.lift(x), self.lift(y))
        quotient = x / y
        near = (quotient > 0.5) & (quotient < 2)
        # x - y is exact there; elsewhere it is not formed, whose gradient would not be a number where it overflows.
        excess = torch.where(near, x - y, torch.zeros_like(x)) / torch.where(near, y, torch.ones_like(y))
        return torch.where(near, torch.log1p(excess), torch.log(torch.where(near, torch.ones_like(quotient), quotient)))

    def log2(self, x: Any) -> Tensor:
        """Logarithm to base 2."""
        return torch.log2(self.lift(x))

    def log1p(self, x: Any) -> Tensor:
        """ln(1 + x)."""
        return torch.log1p(self.lift(x))

    def exp(self, x: Any) -> Tensor:
        """Exponential."""
        return torch.exp(self.lift(x))

    def expm1(self, x: Any) -> Tensor:
        """e^x - 1."""
        return torch.expm1(self.lift(x))

    def one_minus_exp(self, x: Any) -> Tensor:
        """1 - e^-x, without cancellation."""
        return -torch.expm1(-self.lift(x))

    def sqrt(self, x: Any) -> Tensor:
        """Square root."""
        return torch.sqrt(self.lift(x))

    def power(self, base: Any, exponent: Any) -> Tensor:
        """base^exponent."""
        return torch.pow(self.lift(base), self.lift(exponent))

    def ceil(self, x: Any) -> Tensor:
        """The smallest integer at least x; its gradient is zero."""
        return torch.ceil(self.lift(x))

    def floor(self, x: Any) -> Tensor:
        """The largest integer at most x, padded upward; its gradient is that of x, so that it can be trained with."""
        x = self.lift(x)
        padded = x.detach() * (1 + 8 * torch.finfo(x.dtype).eps)
        rounded: Tensor = x + (torch.floor(padded) - x.detach())
        return rounded

    def absolute(self, x: Any) -> Tensor:
        """|x|."""
        return torch.abs(self.lift(x))

    def minimum(self, a: Any, b: Any) -> Tensor:
        """The smaller, elementwise."""
        return torch.minimum(self.lift(a), self.lift(b))

    def maximum(self, a: Any, b: Any) -> Tensor:
        """The larger, elementwise."""
        return torch.maximum(self.lift(a), self.lift(b))

    def less(self, a: Any, b: Any) -> Tensor:
        """a < b, elementwise."""
        return torch.less(self.lift(a), self.lift(b))

    def less_equal(self, a: Any, b: Any) -> Tensor:
        """a <= b, elementwise."""
        return torch.less_equal(self.lift(a), self.lift(b))

    def where(self, condition: Any, yes: Any, no: Any) -> Tensor:
        """``yes`` where the condition holds, ``no`` elsewhere."""
        return torch.where(torch.as_tensor(condition, device=self.device), self.lift(yes), self.lift(no))

    def sum(self, vector: Any) -> Tensor:
        """Sum over the last axis."""
        return self.lift(vector).sum(dim=-1)

    def prod(self, vector: Any) -> Tensor:
        """Product over the last axis."""
        return self.lift(vector).prod(dim=-1)

    def largest(self, vector: Any) -> Tensor:
        """Largest entry along the last axis."""
        return self.lift(vector).amax(dim=-1)

    def smallest(self, vector: Any) -> Tensor:
        """Smallest entry along the last axis."""
        return self.lift(vector).amin(dim=-1)

    def cumulative(self, vector: Any) -> Tensor:
        """Running sums along the last axis."""
        return self.lift(vector).cumsum(dim=-1)

    def carried(self, steps: Any, rates: Any, kicks: Any) -> Tensor:
        """The last v_t of v_t = (1 + step_t rate_t) v_{t-1} + kick_t, from v_0 = 0.

        What each step loses in rounding is carried along: a step that changes little loses as much as one that doubles.
        """
        steps, rates, kicks = torch.broadcast_tensors(*map(self.lift, (steps, rates, kicks)))  # type: ignore[no-untyped-call]
        product, rest = product_and_rest(steps, rates)
        rest = torch.nan_to_num(rest.detach())
        carried, lost = torch.zeros_like(kicks[..., 0]), torch.zeros_like(kicks[..., 0])
        for step in range(kicks.shape[-1]):
            growth, kick, more = product[..., step], kicks[..., step], rest[..., step]
            grown, error = _two_sum(torch.where(growth < -0.5, ((1 + growth) + more) * carried, carried), _grown(growth, more, carried))
            carried, again = _two_sum(grown, kick)
            lost = (lost * (1 + growth) + error + again).detach()
        return carried + torch.nan_to_num(lost)

    def positions(self, vector: Any) -> Tensor:
        """1, 2, ... along the last axis."""
        return torch.arange(1, vector.shape[-1] + 1, dtype=self.dtype, device=self.device)

    def last(self, vector: Tensor) -> Tensor:
        """The last entry."""
        return vector[..., -1]

    def with_last(self, vector: Tensor, scalar: Any) -> Tensor:
        """The vector with its last entry replaced."""
        head, tail = vector[..., :-1], self.lift(scalar)[..., None]
        return torch.cat([head, tail.expand(*head.shape[:-1], 1)], dim=-1)

    def last_crossing(self, function: Callable[[Any], Any], guess: Any) -> Tensor:
        """The largest integer m with function(m) >= 0, for a concave function: the guess of a search in floats."""
        return self.lift(guess)

    def let(self, latex: str, expression: Any) -> Any:
        """The expression itself: the name is for printing."""
        return expression

    def rows(self, vector: Any) -> Tensor:
        """A vector set beside the levels of a chain: one new axis before the last."""
        return self.lift(vector)[..., None, :]

    def along(self, scalar: Any) -> Tensor:
        """A scalar (per batch element) set beside a vector: one new last axis."""
        return self.lift(scalar)[..., None]

    def before(self, vector: Tensor) -> Tensor:
        """All entries but the last."""
        return vector[..., :-1]

    def after(self, vector: Tensor) -> Tensor:
        """All entries but the first."""
        return vector[..., 1:]

    def prepend(self, scalar: Any, vector: Tensor) -> Tensor:
        """A vector with one more entry in front."""
        first = self.lift(scalar)[..., None].expand(*vector.shape[:-1], 1)
        return torch.cat([first, vector], dim=-1)

    def kl_inverse(self, q: Any, c: Any) -> Tensor:
        """sup{p: kl(q||p) <= c}, rounded up; differentiable in both."""
        q, c = _broadcast(self.lift(q), self.lift(c))
        return _KLInverse.apply(q, c, True)  # type: ignore[no-any-return,no-untyped-call]

    def kl_inverse_lower(self, q: Any, c: Any) -> Tensor:
        """inf{p: kl(q||p) <= c}; differentiable in both."""
        q, c = _broadcast(self.lift(q), self.lift(c))
        return _KLInverse.apply(q, c, False)  # type: ignore[no-any-return,no-untyped-call]

    def x_minus_log1p(self, x: Any) -> Tensor:
        """x - ln(1 + x) without cancellation."""
        return _XMinusLog1p.apply(self.lift(x))  # type: ignore[no-any-return,no-untyped-call]

    def bennett_inverse(self, v: Any, c: Any) -> Tensor:
        """max{t: v h(t/v) <= c}, rounded up; differentiable in both."""
        v, c = _broadcast(self.lift(v), self.lift(c))
        return _BennettInverse.apply(v, c)  # type: ignore[no-any-return,no-untyped-call]

    def xi(self, n: Any) -> Tensor:
        """The constant of the PAC-Bayes-kl theorem, rounded up."""
        return _Xi.apply(self.lift(n))  # type: ignore[no-any-return,no-untyped-call]

    def log_gamma_second_increment(self, x: Any, a: Any, b: Any) -> Tensor:
        """ln (Gamma(x) Gamma(x + a + b) / (Gamma(x + a) Gamma(x + b))), rounded up."""
        x, a, b = torch.broadcast_tensors(*map(self.lift, (x, a, b)))  # type: ignore[no-untyped-call]
        return _LogGammaSecondIncrement.apply(x, a, b)  # type: ignore[no-any-return,no-untyped-call]

    def binomial_tail_inverse(self, k: Any, n: Any, delta: Any) -> Tensor:
        """max{p: P(Bin(n, p) <= k) >= delta}, rounded up; it is discrete in k and has no gradient."""
        return self._without_gradient("binomial_tail_inverse", special.binomial_tail_inverse, k, n, delta)

    def binomial_tail_inverse_log(self, k: Any, n: Any, cost: Any) -> Tensor:
        """max{p: P(Bin(n, p) <= k) >= exp(-cost)}, rounded up; it is discrete in k and has no gradient."""
        return self._without_gradient("binomial_tail_inverse_log", special.binomial_tail_inverse_log, k, n, cost)

    def change_of_compression_inverse(self, k: Any, n: Any, delta: Any) -> Tensor:
        """The root of Campi and Garatti's Psi = 1, rounded up; it is discrete in k and has no gradient."""
        return self._without_gradient("change_of_compression_inverse", special.change_of_compression_inverse, k, n, delta)

    def mixture_inverse(self, k: Any, n: Any, delta: Any) -> Tensor:
        """The limit of the confidence sequence of a coin, rounded up; it is discrete in k and has no gradient."""
        return self._without_gradient("mixture_inverse", special.mixture_inverse, k, n, delta)

    def capital_inverse(self, losses: Any, bets: Any, cost: Any) -> Tensor:
        """The least mean against which the capital has once reached exp(cost), rounded up; it is a search and has no gradient."""
        return self._without_gradient("capital_inverse", special.capital_inverse, losses, bets, cost)

    def ceil_log2(self, n: Any) -> Tensor:
        """The smallest whole k >= 0 with 2^k >= n; its gradient is zero."""
        mantissa, exponent = torch.frexp(self.lift(n).detach().to(torch.float64))
        return self.lift(exponent - (mantissa == 0.5) * 1)

    def log_binomial_sum(self, n: Any, d: Any) -> Tensor:
        """ln sum_{i <= d} C(n, i), rounded up; it is discrete and has no gradient."""
        return self._without_gradient("log_binomial_sum", special.log_binomial_sum, n, d)

    def _without_gradient(self, name: str, function: Any, *inputs: Any) -> Tensor:
        lifted = [self.lift(value) for value in inputs]
        if torch.is_grad_enabled() and any(value.requires_grad for value in lifted):
            raise ValueError(
                f"{name} has no gradient, and one of its inputs requires one: detach the inputs, or train with a "
                "bound that "
                "is differentiable (holdout.chernoff_kl, pac_bayes.seeger2002)"
            )
        return _like(function(*(_host(value) for value in lifted)), lifted[0])


class TensorWorld:
    """What torch adds to the number worlds: inputs of a call are brought to one floating dtype and one device."""

    def adopt(self, inputs: dict[str, Any], vectors: frozenset[str]) -> tuple[TensorMath, dict[str, Any]]:
        """The ``math`` of the call, which computes in float64, and the lifted inputs.

        The device is that of the tensors; tensors on two devices, or on one without float64, raise ``ValueError``.
        """
        tensors = [tensor for value in inputs.values() for tensor in _tensors(value)]
        devices = {tensor.device for tensor in tensors if tensor.ndim or tensor.device.type != "cpu"}
        if len(devices) > 1:
            names = ", ".join(sorted(str(device) for device in devices))
            raise ValueError(f"the tensors of one call must be on one device, got {names}: move them with .to(device)")
        device = devices.pop() if devices else torch.device("cpu")
        if device.type == "mps":
            raise ValueError(f"a bound is computed in float64, which the device {device} lacks: move the tensors with .cpu()")
        found = TensorMath(torch.float64, device)
        return found, {name: found.lift(value) for name, value in inputs.items()}

    @staticmethod
    def hand_back(value: Any, inputs: dict[str, Any]) -> Any:
        """The value rounded up to the widest floating dtype among the tensors of the call (float64 if none floats)."""
        floating = [tensor.dtype for entry in inputs.values() for tensor in _tensors(entry) if tensor.is_floating_point()]
        dtype = reduce(torch.promote_types, floating) if floating else torch.float64
        return value if dtype == torch.float64 else _RoundedUp.apply(value, dtype)  # type: ignore[no-untyped-call]

    @staticmethod
    def to_numpy(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
        """A detached float64 copy on the CPU."""
        return _host(value)


def _tensors(value: Any) -> list[Tensor]:
    """The tensors in an input: itself, or the entries of a sequence."""
    if isinstance(value, (list, tuple)):
        return [tensor for entry in value for tensor in _tensors(entry)]
    return [value] if isinstance(value, Tensor) else []


TENSORS = TensorWorld()
register_world(lambda value: bool(_tensors(value)), TENSORS)
