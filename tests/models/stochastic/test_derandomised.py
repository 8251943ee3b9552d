"""One drawn network, the majority vote and the held-out baseline, against explicit weights and 50-digit sums."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import torch
from scipy import stats
from torch import Tensor

from genbounds.bounds import get
from genbounds.bounds.assumptions import PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianDenseNetwork,
    ScaleGrid,
    _derandomised,
    certify_gibbs,
    certify_majority_vote,
    certify_prior_mean,
    certify_single_draw,
    draw_coordinates,
    fresh_gibbs_errors,
    gaussian_kl,
    log_density_ratio,
    monte_carlo_errors,
    network_risk,
    split_draws,
)
from genbounds.models.stochastic._sample import Sample
from genbounds.models.stochastic.pairs import disagreements, tandem_errors

STREAM = Stream("test of derandomised certificates", "all")
DELTA = Fraction(1, 20)


def pair(widths: list[int], spread: float = 0.3) -> tuple[GaussianDenseNetwork, GaussianDenseNetwork]:
    """A prior, and a posterior with other means and scales."""
    generator = torch.Generator().manual_seed(0)
    prior = GaussianDenseNetwork(DenseNetwork(widths).initialise(STREAM, 0), std=0.2)
    posterior = prior.copy()
    with torch.no_grad():
        for parameter in posterior.parameters():
            parameter += spread * torch.randn(parameter.shape, generator=generator)
    return prior.requires_grad_(False), posterior.requires_grad_(False)


def data(count: int, classes: int) -> tuple[Tensor, Tensor]:
    """Standard normal inputs of three features, labels in turn."""
    return torch.randn(count, 3, generator=torch.Generator().manual_seed(1)), torch.arange(count) % classes


def explicit(posterior: GaussianDenseNetwork, coordinates: Tensor) -> DenseNetwork:
    """The plain network with these coordinates (weights first, then biases), float64."""
    network = DenseNetwork(posterior.widths, dtype=torch.float64)
    depth = len(network.layers)
    shapes = [network.linear(i).weight for i in range(depth)] + [network.linear(i).bias for i in range(depth)]
    start = 0
    with torch.no_grad():
        for tensor in shapes:
            tensor.copy_(coordinates[start : start + tensor.numel()].view(tensor.shape))
            start += tensor.numel()
    return network


def test_log_density_ratio_is_an_upper_bound_at_fifty_digits() -> None:
    prior, posterior = pair([3, 40, 2])  # 202 coordinates: several blocks of one logarithm
    drawn = draw_coordinates(posterior, STREAM)
    with mpmath.workdps(50):
        truth = mpmath.mpf(0)
        for values in zip(drawn.tolist(), *(v.tolist() for v in (*posterior.moments(), *prior.moments())), strict=True):
            w, mu, s, nu, t = (mpmath.mpf(value) for value in values)
            truth += mpmath.log(mpmath.npdf(w, mu, s) / mpmath.npdf(w, nu, t))
        found = log_density_ratio(drawn, posterior, prior)
        assert found.kind == "upper"
        assert truth <= mpmath.mpf(float(found)) <= truth + abs(truth) * mpmath.mpf(10) ** -14


@pytest.mark.slow
def test_the_mean_log_density_ratio_over_draws_is_the_kl() -> None:
    # 200 draws, 5.5 standard errors: false alarm 4e-8.
    prior, posterior = pair([3, 4, 2])
    ratios = torch.tensor([float(log_density_ratio(draw_coordinates(posterior, STREAM, network=k), posterior, prior)) for k in range(200)])
    assert abs(float(ratios.mean()) - float(gaussian_kl(posterior, prior))) < 5.5 * float(ratios.std()) / math.sqrt(200)
    assert float(log_density_ratio(prior.moments()[0], prior, prior)) == 0


def test_a_single_draw_is_counted_exactly_and_certified_by_the_disintegrated_bound() -> None:
    prior, posterior = pair([3, 8, 4])
    x, y = data(60, 4)
    counts = torch.arange(60) % 3
    drawn = draw_coordinates(posterior, STREAM)
    wrong = explicit(posterior, drawn)(x.double()).argmax(1) != y
    certificate = certify_single_draw(posterior, prior, x, y, delta=DELTA, stream=STREAM, counts=counts, alternatives=8)
    n, errors = int(counts.sum()), int(counts[wrong].sum())
    ratio = float(log_density_ratio(drawn, posterior, prior))
    by_hand = get("pac_bayes.disintegrated").value(empirical_risk=errors / n, log_ratio=ratio + math.log(8), n=n, delta=0.05)
    assert float(certificate) == pytest.approx(float(by_hand), rel=1e-9)
    assert certificate.inputs["empirical_risk"] == Fraction(errors, n)
    assert certificate.delta == DELTA
    found = network_risk(posterior, drawn, x, y, delta=DELTA)
    assert (found.errors, found.pairs) == (int(wrong.sum()), 60)


def test_the_held_out_baseline_is_clopper_pearson_at_the_prior_mean() -> None:
    prior, _ = pair([3, 8, 4])
    x, y = data(60, 4)
    errors = int((explicit(prior, prior.moments()[0])(x.double()).argmax(1) != y).sum())
    certificate = certify_prior_mean(prior, x, y, delta=DELTA)
    assert (certificate.bound, certificate.inputs["errors"], certificate.inputs["n"]) == ("holdout.clopper_pearson", errors, 60)


def rates(posterior: GaussianDenseNetwork, x: Tensor, y: Tensor, draws: int) -> Tensor:
    """For each example, the share of explicitly drawn networks that err (one hidden layer)."""
    generator = torch.Generator().manual_seed(7)
    parts = [
        mean.double() + log_std.double().exp() * torch.randn((draws, *mean.shape), generator=generator, dtype=torch.float64)
        for mean, log_std in posterior.tensors()
    ]
    hidden = torch.relu(x.double() @ parts[0].transpose(1, 2) + parts[2][:, None])
    logits = hidden @ parts[1].transpose(1, 2) + parts[3][:, None]
    return (logits.argmax(2) != y).double().mean(0)


def test_tandem_and_disagreement_are_those_of_two_draws_on_one_example() -> None:
    # Six examples, 3000 explicit networks against 20000 pairs: the rates' squares to 6 standard errors of both (about .03), 1e-8.
    _, posterior = pair([3, 6, 3], spread=0.6)
    x, y = data(6, 3)
    share = rates(posterior, x, y, 3000)
    sample = Sample.of(x, y, None, (3, 3), torch.float64)
    both = tandem_errors(posterior, sample, 20_000, STREAM.sub("tandem"), 0) / 20_000
    apart = disagreements(posterior, sample, 20_000, STREAM.sub("apart"), 0) / 20_000
    assert float(share.square().mean()) > float(share.mean()) ** 2 + 0.03  # two draws on two examples would not pass
    assert abs(both - float(share.square().mean())) < 0.03
    assert abs(apart - float((2 * share * (1 - share)).mean())) < 0.03


def test_the_vote_gets_three_certificates_that_say_what_they_bound() -> None:
    prior, posterior = pair([3, 6, 2], spread=0.05)
    x, y = data(4000, 2)
    y = (explicit(prior, prior.moments()[0])(x.double()).argmax(1)).long()
    gibbs = certify_gibbs(posterior, prior, x, y, delta=DELTA, pairs=4000, stream=STREAM)
    votes = certify_majority_vote(gibbs, posterior, x, y, delta=DELTA, pairs=4000, stream=STREAM)
    assert list(votes) == ["factor two", "tandem", "C-bound"]
    assert all(c.delta == DELTA and "majority vote" in c.bounds_on for c in votes.values())
    assert float(votes["factor two"]) == 2 * float(gibbs)
    kl = gibbs.inputs["kl"]
    tandem = votes["tandem"].inputs["tandem_risk"]
    by_hand = get("pac_bayes.masegosa2020tandem").value(tandem_risk=float(tandem), kl=float(kl), n=4000, delta=0.04)
    assert float(votes["tandem"]) == pytest.approx(float(by_hand), rel=1e-9)
    inputs = votes["C-bound"].inputs
    assert (inputs["disagreement"].kind, inputs["disagreement"].delta) == ("lower", DELTA / 10)
    assert float(votes["C-bound"]) < 1
    three = certify_majority_vote(
        certify_gibbs(*reversed(pair([3, 6, 3])), *data(50, 3), delta=DELTA, pairs=100, stream=STREAM),
        pair([3, 6, 3])[1], *data(50, 3), delta=DELTA, pairs=100, stream=STREAM,
    )  # fmt: skip
    assert list(three) == ["factor two", "tandem"]  # the C-bound is for two classes
    plain = get("pac_bayes.seeger2002")(empirical_risk=0.1, kl=1, n=10, delta=DELTA)
    with pytest.raises(ValueError, match="certify_gibbs"):
        certify_majority_vote(plain, posterior, x, y, delta=DELTA, pairs=10, stream=STREAM)


@pytest.mark.parametrize(("errors", "apart"), [(2900, 4700), (100, 300), (4990, 5300), (6000, 5000), (9900, 100), (0, 0)])
def test_crossed_limits_of_the_c_bound_give_a_certificate(monkeypatch: pytest.MonkeyPatch, errors: int, apart: int) -> None:
    """More disagreement than the risk allows, 2 r (1 - r), is lowered to what is possible: lower disagreement is the weaker premise."""
    monkeypatch.setattr(_derandomised, "pair_errors", lambda *args: errors)
    monkeypatch.setattr(_derandomised, "disagreements", lambda *args: apart)
    prior, posterior = pair([3, 6, 2], spread=0.05)
    x, y = data(400, 2)
    gibbs = certify_gibbs(posterior, prior, x, y, delta=DELTA, pairs=100, stream=STREAM)
    bound = certify_majority_vote(gibbs, posterior, x, y, delta=DELTA, pairs=10_000, stream=STREAM)["C-bound"]
    risk = Fraction(min(float(bound.inputs["empirical_risk"]), 0.5))
    assert 0 <= Fraction(bound.inputs["disagreement"].value) <= 2 * risk * (1 - risk)
    assert Fraction(bound.inputs["disagreement"].value) <= Fraction(apart, 10_000)


def test_a_split_gives_every_certificate_the_part_that_the_prior_did_not_see() -> None:
    """Beside the whole sample the split alone says which draws count: the same numbers as from the bound part, and the prior's audit."""
    prior, posterior = pair([3, 6, 2])
    x, y = data(50, 2)
    split = split_draws(50, 20, STREAM)
    part = x[split.bound], y[split.bound]
    chance: dict[str, Any] = {"delta": DELTA, "stream": STREAM}
    gibbs = certify_gibbs(posterior, prior, x, y, pairs=100, split=split, **chance)
    made = {
        **certify_majority_vote(gibbs, posterior, x, y, pairs=100, split=split, **chance),
        "one draw": certify_single_draw(posterior, prior, x, y, split=split, **chance),
        "mean": certify_prior_mean(prior, x, y, delta=DELTA, split=split),
    }
    alone = {
        **certify_majority_vote(gibbs, posterior, *part, pairs=100, **chance),
        "one draw": certify_single_draw(posterior, prior, *part, **chance),
        "mean": certify_prior_mean(prior, *part, delta=DELTA),
    }
    assert {name: float(found) for name, found in made.items()} == {name: float(found) for name, found in alone.items()}
    assert {found.inputs["n"] for name, found in made.items() if name != "factor two"} == {gibbs.inputs["n"]} == {30}
    for name in ("tandem", "C-bound", "one draw"):
        entry = next(entry for entry in made[name].assumptions if entry.assumption == PRIOR_INDEPENDENT_OF_SAMPLE)
        assert (entry.status, "disjoint from the 30 bound positions" in entry.how) == ("declared", True)
    with pytest.raises(ValueError, match="draws that gibbs was evaluated on, 30 of them, got 50"):
        certify_majority_vote(gibbs, posterior, x, y, pairs=100, **chance)
    with pytest.raises(ValueError, match="split must number the draws"):
        certify_prior_mean(prior, *part, delta=DELTA, split=split)


def test_fresh_examples_are_met_once_each() -> None:
    _, posterior = pair([3, 8, 4])
    x, y = data(3000, 4)
    still = posterior.copy().rescale(1e-9)
    errors = int((explicit(still, still.moments()[0])(x.double()).argmax(1) != y).sum())
    found = fresh_gibbs_errors(still, x, y, STREAM, delta=DELTA)
    assert (found.errors, found.pairs) == (errors, 3000)
    assert float(found.lower) < errors / 3000 < float(found.upper)


@pytest.mark.slow
def test_the_scale_grid_takes_the_best_point_and_charges_for_it() -> None:
    prior, posterior = pair([3, 6, 2])
    grid = ScaleGrid(Fraction(1), 50)
    (mq, sq), (mp, _) = posterior.moments(), prior.moments()
    with mpmath.workdps(50):
        costs = []
        for j in range(1, 400):
            variance = mpmath.exp(mpmath.mpf(-j) / 50)
            terms = [
                ((mpmath.mpf(s) ** 2 + (mpmath.mpf(m) - c) ** 2) / variance - 1 - mpmath.log(mpmath.mpf(s) ** 2 / variance)) / 2
                for m, s, c in zip(mq.tolist(), sq.tolist(), mp.tolist(), strict=True)
            ]
            costs.append(mpmath.fsum(terms) + mpmath.log(mpmath.pi**2 * j**2 / 6))
        best = min(costs)
    found = float(grid.kl(posterior, prior))
    assert float(best) <= found <= float(best) * (1 + 1e-12)
    assert float(grid.surrogate(posterior, prior)) == pytest.approx(found, rel=1e-3)
    x, y = data(50, 2)
    settings = {"delta": DELTA, "pairs": 100, "stream": STREAM}
    paid = certify_gibbs(posterior, prior.copy().rescale(1e3), x, y, scale_grid=grid, alternatives=4, **settings)
    assert float(paid.inputs["kl"]) == pytest.approx(found + math.log(4), rel=1e-12)
    # The Monte-Carlo limit holds for all four posteriors at once: Clopper-Pearson at a quarter of its share, which is charged whole.
    share = DELTA / 5
    errors, pairs = monte_carlo_errors(posterior, x, y, 100, STREAM)
    limit = stats.beta.isf(float(share / 4), errors + 1, pairs - errors)
    assert float(paid.inputs["empirical_risk"]) == pytest.approx(limit, rel=1e-9)
    assert paid.delta == DELTA
    votes = certify_majority_vote(paid, posterior, x, y, delta=DELTA, pairs=100, stream=STREAM, alternatives=4)
    alone = certify_majority_vote(paid, posterior, x, y, delta=DELTA, pairs=100, stream=STREAM)
    assert votes["tandem"].delta == DELTA
    assert float(votes["tandem"].inputs["tandem_risk"]) > float(alone["tandem"].inputs["tandem_risk"])
    with pytest.raises(ValueError, match="alternatives"):
        certify_gibbs(posterior, prior, x, y, alternatives=0, **settings)
    with pytest.raises(ValueError, match="architecture"):
        grid.kl(posterior, pair([3, 5, 2])[0])
