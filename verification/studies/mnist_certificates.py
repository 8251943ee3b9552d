"""What a cell of the MNIST study does: the network, its prior, its posterior, and a certificate for each predictor made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import torch
from torch import Tensor, nn

from genbounds.bounds import Certificate, get
from genbounds.bounds.assumptions import (
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    Assumption,
    Status,
)
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    Distortion,
    Fit,
    GaussianConvolutionalNetwork,
    GaussianDenseNetwork,
    GaussianNetwork,
    GaussianSubspaceNetwork,
    PopulationRisk,
    PosteriorTraining,
    ScaleGrid,
    Split,
    certify_gibbs,
    certify_majority_vote,
    certify_prior_mean,
    certify_single_draw,
    draw_coordinates,
    fit_images,
    fresh_gibbs_errors,
    network_risk,
    split_draws,
    train_posterior,
)
from genbounds.verification.populations import population
from genbounds.verification.populations.mnist import TRAINING
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.label_noise import flip, noisy_interval
from genbounds.verification.studies.mnist import MnistCell

DELTA = Fraction(7, 200)
"""Every certificate holds with probability 96.5 %, the Monte-Carlo part included (the .025 + .01 of Perez-Ortiz et al. 2021)."""
RISK_DELTA = Fraction(1, 1000)
"""The interval of a risk from the test images fails with this probability."""
ALTERNATIVES = 32
"""Priors are charged ln 32: architectures, scales and recipes that were tried on these images while the cells were written."""
IMAGE, CLASSES = (1, 28, 28), 10
GRID = ScaleGrid(Fraction(1), 100)

Data = tuple[Tensor, Tensor]


def certify(cell: MnistCell) -> list[Entry]:
    """The certificates of a cell: of the Gibbs risk, of the held-out baseline, and, where asked for, of a drawn network and of the vote."""
    stream = Stream(f"mnist {digest(replace(cell, seed=0))}", "experiment")
    pool = population(cell.population)
    images, truth = torch.tensor(pool.inputs, dtype=torch.float32), torch.tensor(pool.labels)
    test = images[TRAINING:], truth[TRAINING:]
    sample = images[:TRAINING], flipped(truth[:TRAINING], cell, stream)
    split = None if cell.prior == "data-free" else split_draws(TRAINING, TRAINING // 2, stream, cell.seed)
    prior = make_prior(cell, sample, split, stream)
    bound = sample if split is None else (sample[0][split.bound], sample[1][split.bound])
    grid = GRID if cell.prior == "data-free" else None
    posterior = train_posterior(
        prior,
        *bound,
        bound=get(f"pac_bayes.{cell.objective}"),
        delta=DELTA,
        stream=stream,
        network=cell.seed,
        training=PosteriorTraining(cell.steps, cell.batch_size, cell.learning_rate, initial_scale=cell.initial_scale, draws=cell.draws),
        scale_grid=grid,
    )
    gibbs = certify_gibbs(
        posterior,
        prior,
        *bound,
        delta=DELTA,
        pairs=cell.pairs,
        stream=stream,
        network=cell.seed,
        scale_grid=grid,
        alternatives=ALTERNATIVES,
    ).audited({PRIOR_INDEPENDENT_OF_SAMPLE: _prior_audit(split)})
    found = fresh_gibbs_errors(posterior, *test, stream, delta=RISK_DELTA, network=cell.seed)
    kl, risk = float(gibbs.inputs["kl"]), float(gibbs.inputs["empirical_risk"])  # type: ignore[arg-type]
    note = f"KL {decimal_up(kl, 4)} nats, ln {ALTERNATIVES} included; empirical Gibbs risk at most {decimal_up(risk, 4)}"
    note += f", from {cell.pairs} pairs"
    entries = [_entry(gibbs, _interval(found, cell), "Gibbs risk", "one draw of the weights for each test image", note, cell, risk)]
    if split is not None:
        entries.append(_held_out(cell, prior, bound, test))
    if cell.derandomised:
        entries.append(_drawn(cell, posterior, prior, bound, test, stream, _prior_audit(split)))
        entries += _votes(cell, gibbs, posterior, bound, found, stream)
    return entries


def make_prior(cell: MnistCell, sample: Data, split: Split | None, stream: Stream) -> GaussianNetwork:
    """The prior of a cell: means at the initialisation, or fitted on the split's prior part."""
    means = initial_network(cell, stream)
    if split is not None:
        fit = Fit(cell.epochs, learning_rate=cell.fit_rate, distortion=Distortion())
        data = sample[0][split.prior], sample[1][split.prior]
        fit_images(means, *data, fit, stream, image=IMAGE, outputs=CLASSES, network=cell.seed)
    if cell.dimension:
        return GaussianSubspaceNetwork(means, cell.dimension, cell.std, stream, network=cell.seed, image=IMAGE)
    if isinstance(means, DenseNetwork):
        return GaussianDenseNetwork(means, cell.std)
    return GaussianConvolutionalNetwork(means, IMAGE, cell.std)


def initial_network(cell: MnistCell, stream: Stream) -> nn.Module:
    """The network at its initialisation: biases zero, weights uniform with variance 2/fan_in; of a convolutional network that is to be
    fitted, within 1/sqrt(fan_in), PyTorch's own range.
    """
    if cell.layers == "dense":
        return DenseNetwork((math.prod(IMAGE), *cell.widths, CLASSES)).initialise(stream, cell.seed)
    first, second, *dense = cell.widths
    widths = (16 * second, *dense, CLASSES)
    with torch.device("meta"):  # PyTorch's own initialisation would move its global random state
        layers: list[nn.Module] = [nn.Conv2d(1, first, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(first, second, 5), nn.ReLU()]
        layers += [nn.MaxPool2d(2), nn.Flatten()]
        for fan_in, fan_out in pairwise(widths):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    network = nn.Sequential(*layers[:-1]).to_empty(device="cpu")
    start, spread = 0, 6 if cell.prior == "data-free" else 1
    with torch.no_grad():
        for layer in network:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                fan_in = layer.weight[0].numel()
                draws = stream.sub("initialisation").uniform([cell.seed], start, layer.weight.numel())[0]
                layer.weight.copy_((2 * draws.reshape(layer.weight.shape) - 1) * math.sqrt(spread / fan_in))
                start += layer.weight.numel()
                if layer.bias is not None:
                    layer.bias.zero_()
    return network


def flipped(labels: Tensor, cell: MnistCell, stream: Stream) -> Tensor:
    """The labels, each with probability ``label_noise`` replaced by another class, uniformly and independently."""
    if not cell.label_noise:
        return labels
    draws = stream.sub("label noise")
    moves = draws.sub("classes").integers([cell.seed], 0, len(labels), CLASSES - 1)[0]
    return flip(labels, cell.label_noise, CLASSES, draws.uniform([cell.seed], 0, len(labels))[0], moves)


def _interval(found: PopulationRisk, cell: MnistCell) -> Interval:
    method = f"99.9 % Clopper-Pearson interval from {found.pairs} test images"
    return noisy_interval(float(found.lower), float(found.upper), cell.label_noise, CLASSES, method)


def _entry(certificate: Certificate, risk: Interval, what: str, how: str, note: str, cell: MnistCell, empirical: float | None) -> Entry:
    audit: dict[Assumption, tuple[Status, str]] = {IID_SAMPLE: ("declared", "MNIST's own training images, taken as independent draws")}
    made = {entry.assumption for entry in certificate.assumptions}
    n = certificate.inputs.get("n", TRAINING if cell.prior == "data-free" else TRAINING // 2)
    return Entry(
        certificate=certificate.audited({key: value for key, value in audit.items() if key in made}),
        risk=risk,
        risk_what=f"{what} on the test images ({how})",
        n=int(n),  # type: ignore[arg-type]
        empirical=empirical,
        note=note,
        quantity=f"{what}: {cell.network}, {cell.gaussian}, {cell.training}, seed {cell.seed}",
        risk_delta=RISK_DELTA,
    )


def _prior_audit(split: Split | None) -> tuple[Status, str]:
    """How the prior is independent of the bound's images, and what of it is paid for."""
    paid = f"one of {ALTERNATIVES} that were tried, at a price of ln {ALTERNATIVES}"
    if split is None:
        return "declared", f"means at the initialisation and a scale on a paid grid; {paid}"
    sets = f"prior positions ({len(split.prior)}) and bound positions ({split.bound_size}) are disjoint"
    return "declared", f"{sets}; {paid}"


def _held_out(cell: MnistCell, prior: GaussianNetwork, bound: Data, test: Data) -> Entry:
    """Clopper and Pearson for the network at the prior's means, on the images that the PAC-Bayes bound spends."""
    certificate = certify_prior_mean(prior, *bound, delta=DELTA / ALTERNATIVES)
    how = f"it was fitted on the other half; at delta/{ALTERNATIVES} for the recipes that were tried"
    certificate = certificate.audited({HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("declared", how)})
    found = network_risk(prior, prior.moments()[0], *test, delta=RISK_DELTA)
    errors, n = (int(certificate.inputs[name]) for name in ("errors", "n"))  # type: ignore[arg-type]
    note = f"the held-out baseline: {errors} errors on the {n} images that the PAC-Bayes bound spends"
    what = "risk of the network at the prior's means"
    return _entry(certificate, _interval(found, cell), what, "each once", note, cell, errors / n)


def _drawn(
    cell: MnistCell,
    posterior: GaussianNetwork,
    prior: GaussianNetwork,
    bound: Data,
    test: Data,
    stream: Stream,
    audit: tuple[Status, str],
) -> Entry:
    """The one network that the posterior's own stream draws."""
    certificate = certify_single_draw(
        posterior, prior, *bound, delta=DELTA, stream=stream, network=cell.seed, alternatives=ALTERNATIVES
    ).audited({PRIOR_INDEPENDENT_OF_SAMPLE: audit})
    found = network_risk(posterior, draw_coordinates(posterior, stream, network=cell.seed), *test, delta=RISK_DELTA)
    ratio, risk = float(certificate.inputs["log_ratio"]), float(certificate.inputs["empirical_risk"])  # type: ignore[arg-type]
    note = f"log density ratio {decimal_up(ratio, 4)} nats, ln {ALTERNATIVES} included; {risk:.5f} of the images wrong"
    return _entry(certificate, _interval(found, cell), "risk of one drawn network", "each once", note, cell, risk)


def _votes(
    cell: MnistCell,
    gibbs: Certificate,
    posterior: GaussianNetwork,
    bound: Data,
    found: PopulationRisk,
    stream: Stream,
) -> list[Entry]:
    """The majority vote, by twice the Gibbs risk and by the tandem risk."""
    votes: Mapping[str, Certificate] = certify_majority_vote(
        gibbs, posterior, *bound, delta=DELTA, pairs=cell.pairs // 4, stream=stream, network=cell.seed, alternatives=ALTERNATIVES
    )
    upper = 2 * _interval(found, cell).upper
    risk = Interval(0.0, upper, "between 0 and twice the upper limit of the Gibbs risk: the vote is an average over all weights")
    entries = []
    for name, certificate in votes.items():
        entry = _entry(certificate, risk, f"risk of the majority vote ({name})", "not measured", "", cell, None)
        entries.append(replace(entry, risk_what="risk of the majority vote, bracketed"))
    return entries
