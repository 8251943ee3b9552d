"""The settings of a training run, checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from genbounds.models.ensemble.batches import ORDERS, OrderName
from genbounds.models.ensemble.losses import Loss

Schedule = Callable[[int], float] | Tensor | None


@dataclass(frozen=True)
class Adam:
    """The constants of Adam (Kingma and Ba, ICLR 2015): the decay of the two moments, and the number that is added to the root.

    >>> Adam()
    Adam(beta1=0.9, beta2=0.999, epsilon=1e-08)
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        if not (0 <= self.beta1 < 1 and 0 <= self.beta2 < 1 and 0 < self.epsilon < float("inf")):
            raise ValueError(f"adam must have beta1 and beta2 in [0, 1) and a positive finite epsilon, got {self}")


@dataclass(frozen=True, eq=False)
class Recipe:
    """How to train: see ``Ensemble.train``. ``step_scales[t]`` multiplies the learning rates (K,) at the run's step t: one number, or one
    for each network, (K,) float64. ``first_step`` is what went before.

    ``batch_size`` is 0 for order "full".
    """

    steps: int
    batch_size: int
    learning_rates: Tensor
    step_scales: list[float] | Tensor
    first_step: int
    adam: Adam | None
    momentum: float
    weight_decay: float
    order: OrderName
    projection_radius: float | None
    loss: Loss

    @classmethod
    def checked(
        cls,
        *,
        steps: int,
        batch_size: int | None,
        learning_rate: float | Tensor,
        networks: int,
        schedule: Schedule,
        first_step: int,
        momentum: float,
        adam: Adam | None,
        weight_decay: float,
        order: OrderName,
        projection_radius: float | None,
        loss: Loss,
    ) -> Recipe:
        """A recipe for so many networks; ValueError for a setting out of its range."""
        if order == "full":
            batch_size = 0
        elif batch_size is None or batch_size < 1 or batch_size != int(batch_size):
            raise ValueError(f"batch_size must be a whole number of at least 1 for order {order!r}, got {batch_size}")
        if steps < 1 or steps != int(steps):
            raise ValueError(f"steps must be a whole number of at least 1, got {steps}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
        if adam is not None and momentum:
            raise ValueError(f"momentum must be 0 with adam, got {momentum}: Adam's own is beta1")
        if not 0 <= weight_decay < float("inf"):
            raise ValueError(f"weight_decay must be finite and not negative, got {weight_decay}")
        if order not in ORDERS:
            raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}")
        if projection_radius is not None and not 0 < projection_radius < float("inf"):
            raise ValueError(f"projection_radius must be positive and finite, got {projection_radius}")
        rates = _rates(learning_rate, networks)
        scales = _step_scales(schedule, first_step, steps, networks)
        return cls(steps, batch_size, rates, scales, first_step, adam, momentum, weight_decay, order, projection_radius, loss)

    def rows(self, rows: slice | Tensor) -> Recipe:
        """The recipe of some of the networks."""
        scales = self.step_scales if isinstance(self.step_scales, list) else self.step_scales[:, rows]
        return replace(self, learning_rates=self.learning_rates[rows], step_scales=scales)

    def window(self, start: int, steps: int) -> Recipe:
        """The recipe of some of the run's steps."""
        return replace(self, steps=steps, step_scales=self.step_scales[start : start + steps], first_step=self.first_step + start)

    def factor(self, step: int) -> float | Tensor:
        """The step size at the run's step: one number where all networks share it, else (K,) float64."""
        rates, scale = self.learning_rates, self.step_scales[step]
        if isinstance(scale, Tensor) or not self.one_rate:
            return rates * scale
        return float(rates[0]) * scale

    def radius_inside(self, dtype: torch.dtype, parameters: int) -> float:
        """The norm to scale networks of so many parameters to that lie outside the ball; infinite where there is none.

        The radius is drawn in by what rounding can add: of the sum of squares, in float64, of the factor and of each product. So the
        network that comes out lies in the ball.
        """
        if self.projection_radius is None:
            return math.inf
        rounding = 3.0 * torch.finfo(dtype).eps + 0.5 * parameters * torch.finfo(torch.float64).eps
        return self.projection_radius * (1.0 - rounding)

    @cached_property
    def one_rate(self) -> bool:
        """Whether all learning rates are equal."""
        return bool((self.learning_rates == self.learning_rates[0]).all())


def _rates(learning_rate: float | Tensor, networks: int) -> Tensor:
    rates = torch.as_tensor(learning_rate, dtype=torch.float64, device="cpu")
    if rates.dim() > 1 or (rates.dim() == 1 and len(rates) != networks):
        raise ValueError(
            f"learning_rate must be one number or a tensor of shape ({networks},), got shape {tuple(rates.shape)}; a "
            "rate for each step is `schedule`"
        )
    if not bool((rates.isfinite() & (rates > 0)).all()):
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    return rates.expand(networks).clone()


def _step_scales(schedule: Schedule, first_step: int, steps: int, networks: int) -> list[float] | Tensor:
    end = first_step + steps
    if schedule is None:
        return [1.0] * steps
    if isinstance(schedule, Tensor):
        if schedule.shape[:-1] not in ((), (networks,)) or schedule.dim() == 0 or schedule.shape[-1] < end:
            raise ValueError(
                f"schedule must be a vector of at least {end} factors, one for each step since the start, or a row of them for "
                f"each of the {networks} networks, got shape {tuple(schedule.shape)}"
            )
        if schedule.dim() == 2:
            table = schedule[:, first_step:end].detach().to(device="cpu", dtype=torch.float64).T.contiguous()
            _check_scales(table.flatten().tolist())
            return table
        scales = [float(value) for value in schedule[first_step:end].tolist()]
    else:
        scales = [float(schedule(step)) for step in range(first_step, end)]
    _check_scales(scales)
    return scales


def _check_scales(scales: Sequence[float]) -> None:
    if not all(0 <= scale < float("inf") for scale in scales):
        raise ValueError("schedule must give finite factors, none negative, and gave others: check its values")
