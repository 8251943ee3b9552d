"""A pipeline as a user runs it, from a sample to certificates, in steps in which faults can be planted; and two checks of it.

What a sample certifies must not depend on the held-out examples: neither through the statistics of a normalisation, nor through the
training, nor through what is measured. So the pipeline is run twice, on one sample with two sets of held-out examples, and whatever it says
of the sample must be the same to the last bit. And what a certificate says of a posterior must be what the posterior itself gives.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.bounds import Certificate, Quantity, get
from genbounds.models import certify
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianDenseNetwork, PosteriorTraining, certify_gibbs, train_posterior
from genbounds.verification.populations import population

EXAMPLES, STEPS, RATE = 60, 20, 0.1
POOL = "breast_cancer"
JUDGED_BY_HELD_OUT = "holdout"
"""The family whose certificates rest on the held-out examples."""
NEAR = 1e-9


class Pipeline:
    """Normalise, train, measure, certify: a small ReLU network on draws from a pool, with further draws held out."""

    @staticmethod
    def statistics(sample: Tensor, held_out: Tensor) -> tuple[Tensor, Tensor]:
        """The mean and the scale by which all inputs are normalised: those of the sample."""
        return sample.mean(dim=0), sample.std(dim=0)

    @staticmethod
    def trained_on(sample: Tensor, held_out: Tensor) -> Tensor:
        """The rows of the pool that training sees: the sample."""
        return sample

    @staticmethod
    def measured_on(sample: Tensor, held_out: Tensor) -> Tensor:
        """The rows on which margins and errors of training are measured: the sample."""
        return sample

    def certified(self, sample: Tensor, held_out: Tensor) -> dict[str, float]:
        """What the sample certifies (rows of the pool come in): every certificate but those that the held-out examples give."""
        pool = population(POOL)
        raw, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
        mean, scale = self.statistics(raw[sample], raw[held_out])
        inputs = (raw - mean) / scale
        network = (
            DenseNetwork([pool.features, 4, len(pool.classes)], bias=False).to(torch.float64).initialise(Stream("pipeline", "start"), 0)
        )
        _descend(network, inputs, labels, self.trained_on(sample, held_out))
        measured = self.measured_on(sample, held_out)
        table = certify(network, (inputs[measured], labels[measured]), held_out=(inputs[held_out], labels[held_out]))
        return {f"{row.bound} {row.form}": row.value for row in table if get(row.bound).family != JUDGED_BY_HELD_OUT}


def _descend(network: nn.Module, inputs: Tensor, labels: Tensor, rows: Tensor) -> None:
    """Gradient descent on all of these rows at once."""
    parameters = list(network.parameters())
    for _ in range(STEPS):
        gradients = torch.autograd.grad(nn.functional.cross_entropy(network(inputs[rows]), labels[rows]), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=RATE)


def held_out_examples() -> str | None:
    """What a sample certifies is the same, whatever examples are held out."""
    pool = population(POOL)
    sample, first, second = (
        torch.tensor(pool.sample("pipeline", EXAMPLES, purpose=purpose)) for purpose in ("sample", "held out", "others held out")
    )
    one, two = (Pipeline().certified(sample, held_out) for held_out in (first, second))
    changed = [name for name in one if one[name] != two.get(name)]
    if not changed:
        return None
    name = changed[0]
    return f"with other held-out examples {len(changed)} of {len(one)} certificates change: {name} is {one[name]:.6g} and {two[name]:.6g}"


PRIOR = GaussianDenseNetwork(DenseNetwork((30, 2)).initialise(Stream("pipeline", "prior"), 0), std=0.1)


def trained() -> GaussianDenseNetwork:
    """The posterior that the pipeline returns."""
    training = PosteriorTraining(steps=10, batch_size=0)
    return train_posterior(
        PRIOR, *_examples(), bound=get("pac_bayes.seeger2002"), delta=0.05, stream=Stream("pipeline", "posterior"), training=training
    )


def _examples() -> tuple[Tensor, Tensor]:
    pool = population(POOL)
    rows = torch.tensor(pool.sample("posterior", EXAMPLES))
    return torch.tensor(pool.inputs, dtype=torch.float32)[rows], torch.tensor(pool.labels)[rows]


def returned_posterior() -> str | None:
    """The KL of a certificate is that of the posterior which is returned, computed here from its own means and scales."""
    posterior = trained()
    certificate = _certificate(posterior)
    said = certificate.inputs["kl"]
    (mean, std), (prior_mean, prior_std) = ([part.numpy() for part in one.moments()] for one in (posterior, PRIOR))
    ratio = (std / prior_std) ** 2
    kl = float(np.sum(ratio - 1 - np.log(ratio) + ((mean - prior_mean) / prior_std) ** 2) / 2)
    value = float(said.value) if isinstance(said, Quantity) else float(said)  # type: ignore[arg-type]
    return None if abs(value - kl) <= NEAR * kl else f"the certificate is at KL {value:.6g}, the posterior that is returned has {kl:.6g}"


def _certificate(posterior: GaussianDenseNetwork) -> Certificate:
    return certify_gibbs(posterior, PRIOR, *_examples(), delta=Fraction(1, 20), pairs=50, stream=Stream("pipeline", "pairs"))
