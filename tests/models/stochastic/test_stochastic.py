"""Gaussian networks against sampled weights, 50-digit KL, and the guarantees of splitting and of Monte-Carlo pairs."""

import math
from collections.abc import Iterator
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from genbounds.bounds import get
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianDenseNetwork,
    PosteriorTraining,
    Split,
    bounded_cross_entropy,
    certify_gibbs,
    fit_network,
    gaussian_kl,
    gibbs_errors,
    monte_carlo_errors,
    split_draws,
    train_posterior,
)

STREAM = Stream("test of stochastic networks", "all")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small tensors: a second thread would only wait for the first."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pair(widths: list[int], *, bias: bool = True, seed: int = 0) -> tuple[GaussianDenseNetwork, GaussianDenseNetwork]:
    """A prior, and a posterior with other means and scales."""
    generator = torch.Generator().manual_seed(seed)
    prior = GaussianDenseNetwork(DenseNetwork(widths, bias=bias).initialise(STREAM, 0), std=0.2)
    posterior = prior.copy()
    with torch.no_grad():
        for parameter in posterior.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return prior, posterior


def sampled_outputs(network: GaussianDenseNetwork, x: Tensor, draws: int, seed: int) -> Tensor:
    """Outputs of one example under explicitly drawn weights: (draws, outputs), float64."""
    generator = torch.Generator().manual_seed(seed)
    h = x.double().expand(draws, -1)[:, :, None]
    depth = len(network.weight_means)
    for position in range(depth):
        mean, std = network.weight_means[position].double(), network.weight_log_stds[position].double().exp()
        weights = mean + std * torch.randn((draws, *mean.shape), generator=generator, dtype=torch.float64)
        h = weights @ h
        if len(network.bias_means):
            mean, std = network.bias_means[position].double(), network.bias_log_stds[position].double().exp()
            h = h + (mean + std * torch.randn((draws, *mean.shape), generator=generator, dtype=torch.float64))[..., None]
        h = torch.relu(h) if position < depth - 1 else h
    return h[..., 0]


@pytest.mark.parametrize("bias", [True, False])
def test_layerwise_sampling_has_the_law_of_drawn_weights(bias: bool) -> None:
    # Kolmogorov-Smirnov on each output and on a difference of outputs: false alarm at most 6 * 1e-6.
    from scipy.stats import ks_2samp

    _, posterior = pair([3, 4, 2], bias=bias)
    x = torch.tensor([1.0, -0.5, 2.0])
    draws = 20000
    noise = STREAM.sub("noise").normal([0], 0, draws * posterior.noise_width).reshape(draws, -1)
    layers = posterior.measured_layers(torch.float64)
    layerwise = posterior.propagate(x.double().expand(draws, -1), noise, layers).detach().numpy()
    explicit = sampled_outputs(posterior, x, draws, 1).detach().numpy()
    for a, b in ((0, 0), (1, 1), (0, 1)):
        left = layerwise[:, a] if a == b else layerwise[:, a] - layerwise[:, b]
        right = explicit[:, a] if a == b else explicit[:, a] - explicit[:, b]
        assert ks_2samp(left, right).pvalue > 1e-6


def test_gaussian_kl_is_an_upper_bound_at_fifty_digits() -> None:
    prior, posterior = pair([5, 4, 3])
    (mq, sq), (mp, sp) = posterior.moments(), prior.moments()
    with mpmath.workdps(50):
        terms = []
        for values in zip(mq.tolist(), sq.tolist(), mp.tolist(), sp.tolist(), strict=True):
            a, s, b, t = (mpmath.mpf(value) for value in values)
            terms.append(mpmath.log(t / s) + (s**2 + (a - b) ** 2) / (2 * t**2) - mpmath.mpf(1) / 2)
        truth = mpmath.fsum(terms)
        got = gaussian_kl(posterior, prior)
        assert got.kind == "upper"
        assert truth <= mpmath.mpf(float(got)) <= truth * (1 + mpmath.mpf(10) ** -12)
    assert float(posterior.kl(prior)) == pytest.approx(float(got), rel=1e-5)
    assert len(mq) == sum(p.numel() for p in DenseNetwork([5, 4, 3]).parameters())  # no sampled parameter is left out


def test_kl_of_a_copy_is_zero_and_other_architectures_are_refused() -> None:
    prior, _ = pair([5, 4, 3])
    assert float(gaussian_kl(prior.copy(), prior)) == 0
    other, _ = pair([5, 6, 3])
    with pytest.raises(ValueError, match="widths"):
        gaussian_kl(prior, other)
    with pytest.raises(ValueError, match="widths"):
        gaussian_kl(prior, pair([5, 4, 3], bias=False)[0])


@pytest.mark.parametrize("outputs", [1, 3])
def test_pair_errors_estimate_the_gibbs_risk(outputs: int) -> None:
    # Explicitly drawn weights, 4000 for each of 5 examples, against 20000 pairs: 5.5 standard errors, false alarm 4e-8.
    _, posterior = pair([3, 4, outputs], seed=3)
    x = torch.randn(5, 3, generator=torch.Generator().manual_seed(5))
    y = torch.tensor([1, -1, 1, -1, 1]) if outputs == 1 else torch.tensor([0, 1, 2, 0, 1])
    counts = torch.tensor([1, 2, 3, 4, 5])
    risk = 0.0
    for i in range(5):
        v = sampled_outputs(posterior, x[i], 4000, 10 + i)
        wrong = v[:, 0] * y[i] <= 0 if outputs == 1 else v.argmax(1) != y[i]
        risk += float(counts[i]) / 15 * float(wrong.double().mean())
    errors, pairs = monte_carlo_errors(posterior, x, y, 20000, STREAM, counts=counts)
    assert pairs == 20000
    assert abs(errors / pairs - risk) < 5.5 * math.sqrt(2 * risk * (1 - risk) / 20000)


def test_ties_and_nan_count_as_errors() -> None:
    zero = GaussianDenseNetwork(DenseNetwork([3, 4, 2], bias=False), std=0.1)
    blank = torch.zeros(4, 3)  # without biases every logit is exactly 0
    assert monte_carlo_errors(zero, blank, torch.tensor([0, 1, 0, 1]), 50, STREAM) == (50, 50)
    with torch.no_grad():
        zero.weight_means[1].fill_(math.nan)
    assert monte_carlo_errors(zero, blank + 1, torch.tensor([0, 1, 0, 1]), 50, STREAM) == (50, 50)


def test_pairs_are_reproducible_and_have_a_stream_of_their_own() -> None:
    _, posterior = pair([3, 4, 2])
    x, y = torch.randn(6, 3, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 0, 1, 0, 1])
    first = monte_carlo_errors(posterior, x, y, 9000, STREAM)
    assert first == monte_carlo_errors(posterior, x, y, 9000, STREAM)
    assert monte_carlo_errors(posterior, x, y, 9000, STREAM, network=1) != first
    purposes = ["posterior training/noise", "posterior training/batches", "monte carlo pairs/noise"]
    purposes += ["monte carlo pairs/examples", "population pairs/noise", "population pairs/examples", "split"]
    assert len({STREAM.sub(purpose).key(0) for purpose in purposes}) == len(purposes)


def test_draws_of_a_weighted_sample_are_its_rows() -> None:
    from genbounds.models.stochastic._sample import Sample

    sample = Sample.of(torch.arange(8.0)[:, None], torch.zeros(8, dtype=torch.int64), [0, 2, 0, 0, 1, 3, 0, 0], (1, 2), torch.float64)
    x, _ = sample.rows(torch.arange(sample.n))
    assert x[:, 0].tolist() == [1, 1, 4, 5, 5, 5]


def test_splits_are_disjoint_or_refused() -> None:
    split = split_draws(101, 40, STREAM)
    assert sorted([*split.prior.tolist(), *split.bound.tolist()]) == list(range(101))
    assert len(split.prior) == 40
    assert torch.equal(split_draws(101, 40, STREAM).prior, split.prior)
    with pytest.raises(ValueError, match="disjoint"):
        Split(torch.tensor([0, 1]), torch.tensor([1, 2]), 3)
    with pytest.raises(ValueError, match="disjoint"):
        Split(torch.tensor([0]), torch.tensor([1, 1]), 3)
    with pytest.raises(ValueError, match=r"0, \.\.\., 2"):
        Split(torch.tensor([0]), torch.tensor([3]), 3)
    with pytest.raises(ValueError, match="not be empty"):
        Split(torch.tensor([0]), torch.tensor([], dtype=torch.int64), 3)
    for size in (-1, 5):
        with pytest.raises(ValueError, match="prior_size"):
            split_draws(5, size, STREAM)


def test_surrogate_is_bounded_and_follows_its_definition() -> None:
    logits = torch.tensor([[200.0, -200.0], [-200.0, 200.0], [0.3, -0.4]], dtype=torch.float64)
    one = [float(bounded_cross_entropy(logits[i : i + 1], torch.tensor([0]), 0.01)) for i in range(3)]
    assert one[:2] == [0.0, 1.0]
    assert one[2] == pytest.approx(math.log(1 + math.exp(-0.7)) / math.log(100), rel=1e-12)
    scalar = bounded_cross_entropy(torch.tensor([[0.7]], dtype=torch.float64), torch.tensor([1]), 0.01)
    assert float(scalar) == pytest.approx(one[2], rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("bound", ["pac_bayes.seeger2002", "pac_bayes.mcallester"])
@pytest.mark.parametrize("weighted", [False, True])
def test_training_lowers_the_bound_and_leaves_the_prior_and_the_seed_alone(bound: str, weighted: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(200, 5, generator=generator)
    y = (x[:, 0] + x[:, 1] > 0).long()
    counts = torch.randint(1, 50, (200,), generator=generator) if weighted else None
    prior = GaussianDenseNetwork(DenseNetwork([5, 16, 2]).initialise(STREAM, 1), std=0.5)
    before, state = [p.clone() for p in prior.parameters()], torch.get_rng_state()
    training = PosteriorTraining(steps=80, batch_size=0 if not weighted else 64)
    settings = {"bound": get(bound), "delta": Fraction(1, 20), "stream": STREAM, "counts": counts, "training": training}
    posterior = train_posterior(prior, x, y, **settings)
    again = train_posterior(prior, x, y, **settings)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(p, q) for p, q in zip(prior.parameters(), before, strict=True))
    assert all(torch.equal(p, q) for p, q in zip(posterior.parameters(), again.parameters(), strict=True))
    certificates = [
        certify_gibbs(q, prior, x, y, delta=Fraction(1, 20), pairs=2000, stream=STREAM, counts=counts) for q in (posterior, prior)
    ]
    assert float(certificates[0]) < float(certificates[1]) - 0.05
    assert certificates[0].delta == Fraction(1, 20)
    n = int(counts.sum()) if weighted else 200
    assert certificates[0].inputs["n"] == n


def test_a_certificate_states_what_it_rests_on() -> None:
    prior, posterior = pair([3, 4, 2])
    x, y = torch.randn(30, 3, generator=torch.Generator().manual_seed(1)), torch.arange(30) % 2
    split = split_draws(30, 10, STREAM)
    certificate = certify_gibbs(posterior, prior, x, y, delta=Fraction(1, 10), pairs=1000, stream=STREAM, split=split)
    assert certificate.bound == "pac_bayes.seeger2002"
    assert certificate.inputs["n"] == 20
    assert certificate.delta == Fraction(1, 10)
    status = {entry.assumption.name: entry.status for entry in certificate.assumptions}
    # Nothing shows certify_gibbs what the prior was fitted on: that is the caller's word. What it does itself is by construction.
    assert status["prior independent of the sample"] == "declared"
    assert status["independent pairs"] == "by construction"
    # Its parts by hand: Clopper-Pearson at delta/5 on the pairs, then the kl inverse at 4 delta/5.
    errors, pairs = monte_carlo_errors(posterior, x[split.bound], y[split.bound], 1000, STREAM)
    risk = get("holdout.clopper_pearson")(errors=errors, n=pairs, delta=Fraction(1, 50)).value
    kl = float(gaussian_kl(posterior, prior))
    by_hand = get("pac_bayes.seeger2002").value(empirical_risk=risk, kl=kl, n=20, delta=0.08)
    assert float(certificate) == pytest.approx(float(by_hand), rel=1e-9)
    with pytest.raises(ValueError, match="split must number"):
        certify_gibbs(posterior, prior, x[:20], y[:20], delta=0.1, pairs=10, stream=STREAM, split=split)
    with pytest.raises(ValueError, match="counts must not come with a split"):
        certify_gibbs(posterior, prior, x, y, delta=0.1, pairs=10, stream=STREAM, split=split, counts=[1] * 30)


def test_population_interval_is_clopper_pearson_on_both_sides() -> None:
    from scipy.stats import beta

    _, posterior = pair([3, 4, 2])
    x, y = torch.randn(30, 3, generator=torch.Generator().manual_seed(1)), torch.arange(30) % 2
    risk = gibbs_errors(posterior, x, y, 3000, STREAM, delta=Fraction(1, 50))
    k = risk.errors
    assert (risk.lower.kind, risk.upper.kind, risk.upper.delta) == ("lower", "upper", Fraction(1, 100))
    assert float(risk.lower) == pytest.approx(beta.ppf(0.01, k, 3001 - k), rel=1e-8)
    assert float(risk.upper) == pytest.approx(beta.ppf(0.99, k + 1, 3000 - k), rel=1e-8)
    assert risk.estimate == Fraction(k, 3000)


def test_bad_arguments() -> None:
    prior, posterior = pair([3, 4, 2])
    x, y = torch.ones(4, 3), torch.tensor([0, 1, 0, 1])
    for pairs in (0, 2.5, -3):
        with pytest.raises(ValueError, match="pairs must be"):
            monte_carlo_errors(posterior, x, y, pairs, STREAM)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="features"):
        monte_carlo_errors(posterior, x[:, :2], y, 5, STREAM)
    with pytest.raises(ValueError, match="labels"):
        monte_carlo_errors(posterior, x, y + 1, 5, STREAM)
    with pytest.raises(ValueError, match="2\\^31"):
        monte_carlo_errors(posterior, x, y, 5, STREAM, counts=[2**31, 1, 1, 1])
    for std in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="std"):
            GaussianDenseNetwork(DenseNetwork([3, 2]), std=std)
    with pytest.raises(ValueError, match="residual"):
        GaussianDenseNetwork(DenseNetwork([3, 3, 2], residual=True), std=0.1)
    with pytest.raises(ValueError, match="steps"):
        PosteriorTraining(steps=0)
    with pytest.raises(ValueError, match="diverged"):
        train_posterior(
            prior, x, y, bound=get("pac_bayes.mcallester"), delta=0.05, stream=STREAM,
            training=PosteriorTraining(steps=3, learning_rate=1e30),
        )  # fmt: skip


@pytest.mark.slow
def test_certificates_on_digits_are_far_below_one() -> None:
    data, target = load_digits(return_X_y=True)
    x, y = torch.tensor(np.asarray(data) / 16.0, dtype=torch.float32), torch.tensor(target)
    draws = STREAM.sub("digits").integers([0], 0, 1200, len(x))[0]
    xs, ys = x[draws], y[draws]
    bound, delta = get("pac_bayes.seeger2002"), Fraction(1, 20)

    split = split_draws(1200, 600, STREAM)
    network = DenseNetwork([64, 64, 10]).initialise(STREAM, 0)
    prior = GaussianDenseNetwork(fit_network(network, xs[split.prior], ys[split.prior]), std=0.02)
    settings = PosteriorTraining(steps=200, initial_scale=1.0)
    posterior = train_posterior(prior, xs[split.bound], ys[split.bound], bound=bound, delta=delta, stream=STREAM, training=settings)
    dependent = certify_gibbs(posterior, prior, xs, ys, delta=delta, pairs=10000, stream=STREAM, split=split)
    truth = gibbs_errors(posterior, x, y, 10000, STREAM, delta=Fraction(1, 10**6))
    assert float(truth.lower) < float(dependent) < 0.15

    prior = GaussianDenseNetwork(DenseNetwork([64, 64, 10]).initialise(STREAM, 0), std=0.5)
    posterior = train_posterior(prior, xs, ys, bound=bound, delta=delta, stream=STREAM)
    free = certify_gibbs(posterior, prior, xs, ys, delta=delta, pairs=10000, stream=STREAM, prior_is_data_free=True)
    truth = gibbs_errors(posterior, x, y, 10000, STREAM, delta=Fraction(1, 10**6))
    assert float(truth.lower) < float(free) < 0.7
