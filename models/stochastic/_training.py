"""Fitting priors on their part of the sample, and PAC-Bayes training: gradient descent on a registered bound."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic._normals import Normals
from genbounds.models.stochastic._sample import Sample
from genbounds.models.stochastic._scale_grid import ScaleGrid
from genbounds.models.stochastic.gaussian import GaussianNetwork

_INDEX_BLOCK = 1 << 16  # examples drawn at a time


Network = TypeVar("Network", bound=GaussianNetwork)


class Objective(Protocol):
    """A bound as training reads it: any registered PAC-Bayes bound is one."""

    def value(self, **inputs: Any) -> Any:
        """The bound on tensors."""
        ...


@dataclass(frozen=True)
class PosteriorTraining:
    """How PAC-Bayes training runs. Every field may be tuned on the sample, but not by looking at certificates.

    The PAC-Bayes bound holds for all posteriors at once, so tuning costs nothing there. What is drawn from the posterior and measured (the
    pairs of ``certify_gibbs``, the network of ``certify_single_draw``) is about that one posterior: to certify several and keep the best,
    pass their number as ``posteriors``.

    Args:
        steps: number of steps.
        batch_size: examples per step; 0 is the whole sample.
        learning_rate: Adam's, falling linearly to a tenth.
        p_min: probabilities are clamped from below at this value, so that the surrogate -ln p / ln(1/p_min) lies in [0, 1].
        initial_scale: the posterior starts at the prior's means with this fraction of its standard deviations (a wide prior drowns the
            signal).
        draws: number of draws of the weights for a batch, where weights are drawn as such (convolutions, subspaces); at most one per
            example.

    >>> PosteriorTraining(steps=100).steps
    100
    """

    steps: int = 1000
    batch_size: int = 256
    learning_rate: float = 0.02
    p_min: float = 0.01
    initial_scale: float = 0.3
    draws: int = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        positive = min(self.learning_rate, self.initial_scale) > 0
        if min(self.steps, self.draws) < 1 or self.batch_size < 0 or not positive or not 0 < self.p_min < 0.5:
            raise ValueError(
                "training must have steps >= 1, batch_size >= 0, learning_rate > 0, initial_scale > 0, draws >= 1 and p_min in "
                f"(0, 1/2), got {self}: correct the one that is outside"
            )


def bounded_cross_entropy(logits: Tensor, labels: Tensor, p_min: float) -> Tensor:
    """The mean over a batch of -ln(max(p_y, p_min)) / ln(1/p_min), in [0, 1]: a smooth stand-in for the 0-1 loss.

    ``logits`` are (batch, outputs); ``labels`` are int64 (batch,): classes, or -1 and +1 for one output. Logarithms are natural. The loss
    is that of Dziugaite and Roy (2018) and Perez-Ortiz et al. (2021).

    >>> round(float(bounded_cross_entropy(torch.zeros(1, 2), torch.tensor([0]), 0.25)), 6)
    0.5
    """
    if logits.shape[1] == 1:
        log_p = nn.functional.logsigmoid(logits[:, 0] * labels)
    else:
        log_p = nn.functional.log_softmax(logits, dim=1).gather(1, labels[:, None])[:, 0]
    floor = math.log(p_min)
    return (log_p.clamp(min=floor) / floor).mean()


def thiemann_weight(*, empirical_risk: Tensor, kl: Tensor, n: Any, delta: Any) -> float:
    """The weight at which ``pac_bayes.thiemann`` is smallest for a posterior: 2/(sqrt(2 n R/(KL + ln(2 sqrt(n)/delta)) + 1) + 1).

    The bound holds for all weights at once, so the choice costs nothing. At this weight the derivative of the bound in the weight is 0, so
    training with the weight held fixed within each step follows the gradient of the smallest bound.

    >>> round(thiemann_weight(empirical_risk=torch.tensor(0.03), kl=torch.tensor(500.0), n=10**4, delta=0.05), 6)
    0.807551
    """
    cost = float(kl) + math.log(2 * math.sqrt(n) / float(delta))
    return 2 / (math.sqrt(2 * n * float(empirical_risk) / cost + 1) + 1)


def train_posterior(
    prior: Network,
    inputs: Any,
    labels: Any,
    *,
    bound: Objective,
    delta: Any,
    stream: Stream,
    n: int | None = None,
    counts: Any = None,
    network: int = 0,
    training: PosteriorTraining | None = None,
    bound_inputs: Mapping[str, Any] | None = None,
    scale_grid: ScaleGrid | None = None,
) -> Network:
    """Minimise a PAC-Bayes bound over Gaussian posteriors, starting at the prior.

    Args:
        prior: it is not changed. Its scale was fixed before the data; its means may come from draws that the bound does not see.
        inputs, labels: what the posterior learns from: the bound's part of the sample, or all of it (it may use all).
        bound: a registered bound with inputs ``empirical_risk, kl, n, delta``, such as
            ``genbounds.bounds.get("pac_bayes.seeger2002")``. Further inputs (a fixed temperature) go into ``bound_inputs``; an input that
            follows the others is given as a function (``{"weight": thiemann_weight}``).
        n: the bound's own sample size, where it is not that of ``inputs``.
        counts: multiplicities of the examples.
        scale_grid: the prior's scale follows the posterior, on this grid; ``certify_gibbs`` must then get the same grid.
        stream, network: noise and batches come from ``stream.sub("posterior training")``, the given network's draws.

    Returns:
        the posterior. It is not a certificate: see ``certify_gibbs``.

    Raises:
        ValueError: data that do not fit, or training that diverges.

    The 0-1 risk is replaced by the bounded cross-entropy, evaluated with fresh noise at every step (local reparametrisation for dense
    layers).

    >>> from genbounds.bounds import get
    >>> from genbounds.models.stochastic import GaussianDenseNetwork, gaussian_kl
    >>> prior, x = GaussianDenseNetwork(DenseNetwork([1, 1]), std=1.0), torch.tensor([[-1.0], [1.0]] * 50)
    >>> settings = {"bound": get("pac_bayes.seeger2002"), "delta": 0.05, "stream": Stream("demo", "experiment")}
    >>> posterior = train_posterior(prior, x, x[:, 0].long(), training=PosteriorTraining(steps=20), **settings)
    >>> float(posterior.weight_means[0].detach()) > 0, 0 < float(gaussian_kl(posterior, prior)) < 10  # f(x) = w x is right for w > 0
    (True, True)
    """
    settings = training or PosteriorTraining()
    sample = Sample.of(inputs, labels, counts, (prior.features, prior.outputs), prior.dtype, prior.device)
    posterior = prior.copy().rescale(settings.initial_scale).requires_grad_(True)
    optimiser, schedule = _adam(posterior.parameters(), settings.learning_rate, settings.steps)
    fixed = {"n": sample.n if n is None else n, "delta": delta}
    for x, y, noise in _batches(posterior, sample, settings, stream.sub("posterior training"), network):
        risk = bounded_cross_entropy(posterior(x, noise), y, settings.p_min)
        if not bool(torch.isfinite(risk)):
            raise ValueError(f"training diverged at learning_rate={settings.learning_rate}: lower it")
        kl = posterior.kl(prior) if scale_grid is None else scale_grid.surrogate(posterior, prior)
        read = {"empirical_risk": risk, "kl": kl, **fixed}
        further = {name: value(**_detached(read)) if callable(value) else value for name, value in (bound_inputs or {}).items()}
        value = bound.value(**read, **further)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        optimiser.step()
        schedule.step()
    return posterior.requires_grad_(False)


def _detached(read: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.detach() if isinstance(value, Tensor) else value for name, value in read.items()}


def _batches(
    posterior: GaussianNetwork, sample: Sample, settings: PosteriorTraining, stream: Stream, network: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Inputs, labels and noise of every step."""
    normals, picks = Normals(stream.sub("noise"), network), stream.sub("batches").draws([network])
    whole = settings.batch_size == 0 and sample.counts is None
    size = settings.batch_size or sample.n
    shape = posterior.noise_shape(size, min(settings.draws, size))
    block = max(1, _INDEX_BLOCK // size)
    for start in range(0, settings.steps, block):
        steps = min(block, settings.steps - start)
        rows = None if whole else picks.integers(start * size, steps * size, sample.n)[0].reshape(steps, size)
        for step in range(steps):
            x, y = (sample.inputs, sample.labels) if rows is None else sample.rows(rows[step])
            yield x, y, normals.draw(shape, x)


def fit_network(
    network: DenseNetwork,
    inputs: Any,
    labels: Any,
    *,
    steps: int = 300,
    learning_rate: float = 0.01,
    weight_decay: float = 1e-3,
    counts: Any = None,
) -> DenseNetwork:
    """Fit a dense network in place by full-batch Adam on cross-entropy (decoupled weight decay); returns it.

    Meant for prior means: give it the prior's part of the sample alone. It draws no random numbers. ``ValueError`` for
    data that do not fit.

    >>> x = torch.tensor([[-1.0], [2.0]])
    >>> network = fit_network(DenseNetwork([1, 1]), x, [-1, 1], steps=50)
    >>> (network(x)[:, 0] > 0).tolist()
    [False, True]
    """
    first = network.linear(0).weight
    sample = Sample.of(inputs, labels, counts, network.widths, first.dtype, first.device)
    weights = torch.ones_like(sample.labels) if sample.counts is None else sample.counts
    shares = weights.to(torch.float64).div(sample.n).to(first.dtype)
    optimiser, schedule = _adam(network.parameters(), learning_rate, steps, weight_decay)
    for _ in range(steps):
        logits = network(sample.inputs)
        if logits.shape[1] == 1:
            losses = nn.functional.softplus(-logits[:, 0] * sample.labels)
        else:
            losses = nn.functional.cross_entropy(logits, sample.labels, reduction="none")
        optimiser.zero_grad(set_to_none=True)
        (losses * shares).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return network


def _adam(parameters: Any, learning_rate: float, steps: int, weight_decay: float = 0.0) -> tuple[Any, Any]:
    """Adam with a learning rate that falls linearly to a tenth."""
    optimiser = torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=weight_decay)
    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - 0.9 * min(step / steps, 1.0))
