"""Any network with independent Gaussian parameters: torch.func runs its own forward under drawn weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from genbounds.models.stochastic.gaussian import GaussianNetwork, checked_std
from genbounds.models.tracing.held import parameters_of
from genbounds.models.tracing.outputs import logits_in
from genbounds.models.tracing.own_copy import OwnNetwork, first_line


class GaussianModule(GaussianNetwork):
    """A distribution over networks of any architecture: every parameter an independent Gaussian with its own mean and scale.

    Args:
        network: any ``nn.Module`` whose forward takes one tensor and returns logits; it is copied, in eval mode, and its parameters are the
            means.
        std: the standard deviation of every parameter, positive, to start with; ``with_moments`` gives each its own.
        shape: of one example, (features,) or (channels, height, width); examples come as vectors and are reshaped to it.

    The network's own forward runs on one example at a time, with weights drawn for it (``torch.func.functional_call`` under ``vmap``), so
    that nothing passes between the examples of a batch. Its buffers (running means of normalisation) are those of every network drawn, and
    so part of the prior: a prior that is to be independent of a sample must have neither means nor buffers from it. Where an architecture
    has a class of its own (``GaussianDenseNetwork``, ``GaussianConvolutionalNetwork``), that is faster: here all weights are drawn for each
    pair.

    Posterior and prior are about one family of networks only if they have one forward, so a posterior is made from its prior, by ``copy``
    (as ``train_posterior`` does) or by ``with_moments``.

    Attributes: ``names`` of the parameters, as ``network.named_parameters()`` has them, and in this order ``means`` and ``log_stds``.

    Raises:
        ValueError: std is not positive, the forward looks at other examples, at its dtype or at its values, is random or changes its own
            state, or a parameter is not a registered floating-point one.

    Example:
        >>> network = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2))
        >>> prior = GaussianModule(network, std=0.1, shape=(4,))
        >>> weights = dict(network.named_parameters())
        >>> posterior = prior.with_moments(weights, {name: torch.full_like(weight, 0.05) for name, weight in weights.items()})
        >>> prior.names[:3], sum(prior.sizes), round(float(posterior.kl(prior).detach()), 4)  # 29 (ln 2 + 1/8 - 1/2)
        (('0.weight', '0.bias', '1.weight'), 29, 9.2263)
    """

    def __init__(self, network: nn.Module, std: float, shape: tuple[int, ...]) -> None:
        super().__init__()
        scale = math.log(checked_std(std))
        own = OwnNetwork.of(network, "network")
        weights = dict(own.module.named_parameters())
        hidden = sorted(set(parameters_of(own.module)) - set(weights))
        if hidden or not all(weight.is_floating_point() for weight in weights.values()):
            raise ValueError(
                f"network must have registered floating-point parameters only, got {', '.join(hidden) or 'whole numbers'}: make each "
                "an nn.Parameter of its module"
            )
        self.names = tuple(weights)
        self._forward = _Forward(own, tuple(shape))
        self.means = nn.ParameterList([nn.Parameter(weight.detach().clone()) for weight in weights.values()])
        self.log_stds = nn.ParameterList([nn.Parameter(torch.full_like(weight, scale)) for weight in weights.values()])
        self.features = math.prod(shape)
        blank = [weight.detach()[None] for weight in weights.values()]
        self.outputs = self._forward.logits(self.names, blank, self.means[0].new_zeros(1, 1, self.features)).shape[1]
        self.refuse_other(network, tuple(shape), "network")

    def with_moments(self, means: Mapping[str, Any], stds: Mapping[str, Any]) -> Self:
        """The distribution over the same networks with these means and standard deviations: a Laplace posterior, say.

        One entry for each of ``names``, of the parameter's shape; they are kept in the network's dtype, the logarithms of the standard
        deviations in place of these, and certificates are about what is kept (``moments``).

        Raises:
            ValueError: a name that is missing or not the network's, another shape, a mean that is not finite or a standard deviation that
                is not positive and finite.
        """
        found = self.copy()
        centres, scales = self._matched(means, "means"), self._matched(stds, "stds")
        with torch.no_grad():
            for name, mean, log_std, centre, scale in zip(self.names, found.means, found.log_stds, centres, scales, strict=True):
                mean.copy_(centre)
                log_std.copy_(scale.log())
                if not bool(torch.isfinite(mean).all()):
                    raise ValueError(f"means[{name!r}] must be finite numbers of {mean.dtype}, got others: correct them")
                if not bool((torch.isfinite(scale) & (scale > 0)).all()):
                    least = float(scale.min())
                    raise ValueError(
                        f"stds[{name!r}] must be positive and finite, got {least:g} among them: a parameter that shall not move belongs "
                        "into a buffer of the network"
                    )
        return found

    @property
    def architecture(self) -> tuple[Any, ...]:
        """The forward itself, which copies share."""
        return ("module", self._forward)

    def noise_shape(self, batch: int, draws: int) -> tuple[int, ...]:
        """(draws, parameters): every parameter is drawn for each draw."""
        if batch % draws:
            raise ValueError(f"draws must divide the batch of {batch} examples, got {draws}: each is shared by equally many")
        return draws, sum(self.sizes)

    def prepare(self, x: Tensor, layers: list[Any]) -> Tensor:
        """The examples themselves."""
        return x

    def finish(self, prepared: Tensor, noise: Tensor, layers: list[Any]) -> Tensor:
        """Logits of the examples (batch, features) under the weights that the noise draws."""
        parts = torch.split(noise, list(self.sizes), dim=1)
        drawn = [torch.addcmul(mean, std, part.reshape(-1, *mean.shape)) for (mean, std), part in zip(layers, parts, strict=True)]
        return self._forward.logits(self.names, drawn, prepared.reshape(len(noise), -1, self.features))

    def read(self, parts: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor | None, ...]]:
        """Means and standard deviations, parameter by parameter."""
        return list(parts)

    def tensors(self) -> list[tuple[Tensor, Tensor]]:
        """(mean, log std) of every parameter."""
        return list(zip(self.means, self.log_stds, strict=True))

    def _matched(self, given: Mapping[str, Any], what: str) -> list[Tensor]:
        """The entries in the order of ``names``, float64."""
        missing, unknown = [name for name in self.names if name not in given], sorted(set(given) - set(self.names))
        if missing or unknown:
            wrong = f"none for {', '.join(missing)}" if missing else f"one for {', '.join(unknown)}"
            raise ValueError(
                f"{what} must have one entry for each parameter of the network, got {wrong}: take the names of network.named_parameters()"
            )
        found = [torch.as_tensor(given[name]).detach().to(self.device, torch.float64) for name in self.names]
        for name, value, mean in zip(self.names, found, self.means, strict=True):
            if value.shape != mean.shape:
                raise ValueError(
                    f"{what}[{name!r}] must have the parameter's shape {tuple(mean.shape)}, got {tuple(value.shape)}: reshape or expand it"
                )
        return found


@dataclass(frozen=True, eq=False)
class _Forward:
    """The forward of one network as a function of its weights; a deep copy is the same object, so that it tells families apart."""

    own: OwnNetwork
    shape: tuple[int, ...]

    def __deepcopy__(self, memo: dict[int, Any]) -> _Forward:
        return self

    def __repr__(self) -> str:
        return f"forward of one {type(self.own.module).__name__}"

    def logits(self, names: tuple[str, ...], weights: list[Tensor], x: Tensor) -> Tensor:
        """Logits (draws * each, outputs) of examples (draws, each, features) under weights (draws, ...), each example by itself."""
        kept = {
            name: buffer.to(x.device, x.dtype if buffer.is_floating_point() else buffer.dtype)
            for name, buffer in self.own.module.named_buffers()
        }

        def one(drawn: tuple[Tensor, ...], example: Tensor) -> Tensor:
            inputs = example.reshape(1, *self.shape)
            found = functional_call(self.own.module, {**dict(zip(names, drawn, strict=True)), **kept}, (inputs,))
            return logits_in(found, "network").flatten()

        try:
            with _written_out():
                found: Tensor = vmap(vmap(one, in_dims=(None, 0)))(tuple(weights), x)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            raise ValueError(
                f"network must run under torch.func, got {type(error).__name__}: {first_line(error)}. Its forward must take one tensor "
                f"(n, {', '.join(map(str, self.shape))}) in the dtype of its parameters, draw no random numbers, change no buffer and "
                "branch on no value"
            ) from error
        return found.flatten(0, 1)


@contextmanager
def _written_out() -> Iterator[None]:
    """Attention by its separate operations: its fused kernels have no rule for ``vmap``."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
