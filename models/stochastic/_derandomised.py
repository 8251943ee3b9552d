"""Certificates in addition to that of the Gibbs risk: of one drawn network, of the majority vote, of the network at the prior's means."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import torch
from flint import arb
from torch import Tensor

from genbounds.bounds import Certificate, Confidence, Quantity
from genbounds.bounds.assumptions import (
    BINARY_VOTES,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    ONE_DRAW,
    ONE_POSTERIOR,
    PLURALITY_VOTES,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    VOTES_OF_POPULATION,
    ZERO_ONE_LOSS,
    Assumption,
    Status,
)
from genbounds.bounds.holdout import clopper_pearson
from genbounds.bounds.pac_bayes import (
    disintegrated,
    germain2015pac_bound_1,
    majority_vote_factor_two,
    masegosa2020tandem,
)
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic._normals import Normals
from genbounds.models.stochastic._sample import Sample
from genbounds.models.stochastic._scale_grid import check_architectures
from genbounds.models.stochastic._split import Split
from genbounds.models.stochastic.gaussian import GaussianNetwork
from genbounds.models.stochastic.pairs import checked_pairs, disagreements, pair_errors, point_errors, tandem_errors
from genbounds.models.stochastic.risk import (
    PopulationRisk,
    bound_sample,
    disjoint,
    gaussian_sample,
    measured_posteriors,
    paid_posteriors,
    sampled_risk,
    two_sided,
    with_alternatives,
)

_COUNTED: tuple[Status, str] = ("by construction", "errors are counted, ties included")
_VOTED: tuple[Status, str] = ("by construction", "each network votes for one class, and errs where that is not the label; ties are errors")


def draw_coordinates(posterior: GaussianNetwork, stream: Stream, *, network: int = 0) -> Tensor:
    """The coordinates of one network drawn from the posterior, float64, in the order of ``moments``; the noise is ``stream.sub("one
    draw")``.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> len(draw_coordinates(prior, Stream("demo", "experiment")))
    2
    """
    means, stds = posterior.moments()
    normals = Normals(stream.sub("one draw"), network).draw((len(means),), means)
    return means + stds * normals


def log_density_ratio(coordinates: Tensor, posterior: GaussianNetwork, prior: GaussianNetwork) -> Quantity:
    """ln (dQ/dP) at these coordinates, in nats: an upper bound, computed in balls and rounded up; it may be negative.

    Every coordinate w contributes ln(S/s) + ((w - nu)/S)^2/2 - ((w - mu)/s)^2/2, with the doubles of both ``moments``. ``ValueError`` if
    the two distributions differ in architecture.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> coordinates = draw_coordinates(prior, Stream("demo", "experiment"))
    >>> bool(0 <= float(log_density_ratio(coordinates, prior.copy(), prior)) < 1e-30)
    True
    """
    check_architectures(posterior, prior)
    columns = [tensor.cpu().tolist() for tensor in (coordinates.to(torch.float64), *posterior.moments(), *prior.moments())]
    with precision(128):
        logs, squares = arb(1), arb(0)
        total = arb(0)
        for position, (w, mu, s, nu, scale) in enumerate(zip(*columns, strict=True)):
            logs *= arb(scale) / arb(s)
            squares += ((arb(w) - nu) / scale) ** 2 - ((arb(w) - mu) / s) ** 2
            if position % 64 == 63:  # one logarithm for many quotients, before their product leaves the range of exponents
                total, logs = total + logs.log(), arb(1)
        total += logs.log() + squares / 2
    return Quantity(arb_to_float_up(total), "upper", "log density ratio of the drawn network, a sum of balls rounded up", gives="log_ratio")


def network_risk(network: GaussianNetwork, coordinates: Tensor, inputs: Any, labels: Any, *, delta: Any) -> PopulationRisk:
    """The risk of the one network with these coordinates, measured on examples that nothing has seen: an interval at confidence 1 - delta.

    Each example is used once.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> found = network_risk(prior, prior.moments()[0], x, x[:, 0].long(), delta=Fraction(1, 10))
    >>> found.errors, round(float(found.upper), 6)  # 1 - (1/20)^(1/100)
    (0, 0.029513)
    """
    sample = gaussian_sample(network, inputs, labels, None, torch.float64)
    return two_sided(point_errors(network, sample, coordinates), sample.n, delta)


def certify_single_draw(
    posterior: GaussianNetwork,
    prior: GaussianNetwork,
    inputs: Any,
    labels: Any,
    *,
    delta: Any,
    stream: Stream,
    split: Split | None = None,
    counts: Any = None,
    network: int = 0,
    alternatives: int = 1,
    posteriors: int = 1,
) -> Certificate:
    """A certificate of the risk of one network, the first and only draw of ``draw_coordinates``, by ``pac_bayes.disintegrated``.

    It holds with probability 1 - delta over the sample and the draw, for that draw. To draw again until the number pleases makes it void,
    whether from the same posterior or from another one that was trained in its place. Of ``posteriors`` networks, each drawn from a
    posterior of its own, the best may be kept: the logarithm of their number is added to the log ratio, as that of ``alternatives`` is.
    Both are as for ``certify_gibbs``.

    ``inputs`` and ``labels`` are the draws that the prior did not see, or the whole sample with the ``split`` whose bound part they are.
    The errors on them are counted in float64; no Monte Carlo enters.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> stream = Stream("demo", "experiment")
    >>> found = certify_single_draw(prior.copy(), prior, x, x[:, 0].long(), delta=Fraction(1, 20), stream=stream)
    >>> round(float(found), 6)  # no errors, log ratio 0: 1 - (20 xi(100))^(-1/100)
    0.054241
    """
    sample = bound_sample(posterior, inputs, labels, counts, split)
    coordinates = draw_coordinates(posterior, stream, network=network)
    errors = point_errors(posterior, sample, coordinates)
    tried = measured_posteriors(alternatives, posteriors)
    among = "priors" if posteriors == 1 else "priors and posteriors"
    ratio = with_alternatives(log_density_ratio(coordinates, posterior, prior), tried, among)
    audit: dict[Assumption, tuple[Status, str]] = {
        ONE_DRAW: ("by construction", "the one draw of a stream of its own"),
        ONE_POSTERIOR: paid_posteriors(tried),
        LOSS_IN_UNIT_INTERVAL: _COUNTED,
    }
    if split is not None:
        audit[PRIOR_INDEPENDENT_OF_SAMPLE] = ("declared", disjoint(split))
    made = disintegrated(empirical_risk=Fraction(errors, sample.n), log_ratio=ratio, n=sample.n, delta=Confidence(delta).delta)
    return made.audited(audit)


def certify_prior_mean(
    prior: GaussianNetwork, inputs: Any, labels: Any, *, delta: Any, split: Split | None = None, counts: Any = None
) -> Certificate:
    """The held-out baseline: a certificate of the network at the prior's means, on the draws that the PAC-Bayes bound uses.

    If the prior did not see these draws, then neither did this network, so Clopper and Pearson's limit applies, and no posterior enters. To
    keep the best of k priors' means, take delta/k for each. ``inputs`` and ``labels`` are the draws that the prior did not see, or the
    whole sample with the ``split`` whose bound part they are.

    The network at the *posterior's* means did see them. No held-out bound applies to it, and the PAC-Bayes bound is about drawn networks.
    To pass from drawn networks to the one at the means, the margins would have to survive the noise at every input, not on average, which
    is what ``margin.neyshabur2018pacbayes`` proves from norms.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> round(float(certify_prior_mean(prior, x, x[:, 0].long(), delta=Fraction(1, 20))), 6)  # 1 - (1/20)^(1/100)
    0.029513
    """
    sample = bound_sample(prior, inputs, labels, counts, split)
    errors = point_errors(prior, sample, prior.moments()[0])
    certificate = clopper_pearson(errors=errors, n=sample.n, delta=Confidence(delta).delta)
    seen = "which the caller says saw none of these draws" if split is None else disjoint(split)
    how = f"the network at the prior's means, {seen}"
    return certificate.audited({HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("declared", how), ZERO_ONE_LOSS: _COUNTED})


def certify_majority_vote(
    gibbs: Certificate,
    posterior: GaussianNetwork,
    inputs: Any,
    labels: Any,
    *,
    delta: Any,
    pairs: int,
    stream: Stream,
    split: Split | None = None,
    counts: Any = None,
    network: int = 0,
    monte_carlo_share: Any = Fraction(1, 5),
    alternatives: int = 1,
    posteriors: int = 1,
) -> dict[str, Certificate]:
    """Certificates of the risk of the majority vote over the posterior, by name; each holds on its own, the smallest of them need not.

    ``factor two`` is twice the value of ``gibbs``, at the delta of ``gibbs``. ``tandem``, at ``delta``, is four times the risk that two
    networks err together (``masegosa2020tandem``), measured on ``pairs`` pairs of networks, each with an example of its own. ``C-bound``,
    at ``delta`` and for two classes only, is ``germain2015pac_bound_1``, with as many pairs for the errors and as many for the
    disagreement.

    ``gibbs`` is the certificate of ``certify_gibbs``, whose KL is used for all of them. ``inputs``, ``labels``, ``split`` and ``counts``
    are those that ``gibbs`` was made from: ``ValueError`` if they are another number of draws. ``alternatives`` and ``posteriors`` are
    those of ``gibbs`` too: its KL has paid for the former, and the Monte Carlo bounds here pay for both. The vote is an average over the
    posterior; a vote of finitely many draws is another predictor.

    >>> from genbounds.models.stochastic import certify_gibbs
    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> settings = {"delta": Fraction(1, 20), "pairs": 1000, "stream": Stream("demo", "experiment")}
    >>> gibbs = certify_gibbs(prior.copy(), prior, x, x[:, 0].long(), **settings)
    >>> votes = certify_majority_vote(gibbs, prior.copy(), x, x[:, 0].long(), **settings)
    >>> {name: round(float(found) / float(gibbs), 3) for name, found in votes.items()}
    {'factor two': 2.0, 'tandem': 4.0, 'C-bound': 4.115}
    """
    sample = bound_sample(posterior, inputs, labels, counts, split)
    number, kl = checked_pairs(pairs), gibbs.inputs["kl"]
    if not isinstance(kl, Quantity):
        raise ValueError(f"gibbs must be a certificate of certify_gibbs for this posterior, got one of {gibbs.bound} with a plain kl")
    if gibbs.inputs["n"] != sample.n:
        raise ValueError(
            f"inputs must be the draws that gibbs was evaluated on, {gibbs.inputs['n']} of them, got {sample.n}: pass what certify_gibbs "
            "got, inputs, labels, split and counts"
        )
    budget = Confidence(delta)
    share, rest = budget.share(monte_carlo_share, "Monte-Carlo risk"), budget.rest("PAC-Bayes bound")
    measured = measured_posteriors(alternatives, posteriors)
    how = f"{number} pairs of networks, each with an example of its own; number fixed beforehand"
    both = tandem_errors(posterior, sample, number, stream.sub("tandem pairs"), network)
    tandem = sampled_risk(both, number, share, measured, how)
    found = {
        "factor two": majority_vote_factor_two(gibbs_risk=gibbs).audited(
            {
                PLURALITY_VOTES: _VOTED,
                VOTES_OF_POPULATION: ("by construction", "the certificate bounds the Gibbs risk of this posterior on the population"),
            }
        ),
        "tandem": masegosa2020tandem(tandem_risk=tandem, kl=kl, n=sample.n, delta=rest).audited({PLURALITY_VOTES: _VOTED}),
    }
    if posterior.outputs <= 2:
        found["C-bound"] = _c_bound(posterior, sample, number, stream.sub("disagreement pairs"), network, kl, share, rest, measured, how)
    status = next(entry for entry in gibbs.assumptions if entry.assumption == PRIOR_INDEPENDENT_OF_SAMPLE)
    if status.how:
        independent = {PRIOR_INDEPENDENT_OF_SAMPLE: (status.status, status.how)}
        found = {name: certificate.audited(independent) for name, certificate in found.items()}
    return found


def _c_bound(
    posterior: GaussianNetwork,
    sample: Sample,
    pairs: int,
    stream: Stream,
    network: int,
    kl: Quantity,
    share: Fraction,
    rest: Fraction,
    measured: int,
    how: str,
) -> Certificate:
    """The C-bound from an upper limit of the Gibbs risk and a lower one of the disagreement, on the sample, at half of ``share`` each."""
    errors = pair_errors(posterior, sample, pairs, stream.sub("errors"), network)
    risk = sampled_risk(errors, pairs, share / 2, measured, how)
    apart = disagreements(posterior, sample, pairs, stream.sub("disagreements"), network)
    agreement = sampled_risk(pairs - apart, pairs, share / 2, measured, how)
    # Two voters disagree with probability at most 2 r (1 - r). Limits from finitely many pairs may cross: any smaller one is valid too.
    most, same = (Fraction(limit.value) for limit in (risk, agreement))  # type: ignore[arg-type]
    near = min(most, Fraction(1, 2))
    disagreement = max(Fraction(0), min(1 - same, 2 * near * (1 - near)))
    lower = Quantity(disagreement, "lower", f"Clopper-Pearson lower limit over {pairs} pairs of networks", charges=agreement.charges)
    certificate = germain2015pac_bound_1(empirical_risk=risk, disagreement=lower, kl=kl, n=sample.n, delta=rest)
    return certificate.audited({BINARY_VOTES: ("by construction", "two classes, one output each or a sign")})
