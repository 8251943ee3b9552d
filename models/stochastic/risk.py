"""Certificates for Gaussian networks: Monte-Carlo Gibbs risk by independent pairs, and the PAC-Bayes bound on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import torch
from flint import arb
from torch import Tensor

from genbounds.bounds import Certificate, Confidence, Quantity
from genbounds.bounds.assumptions import (
    INDEPENDENT_PAIRS,
    LOSS_IN_UNIT_INTERVAL,
    ONE_POSTERIOR,
    PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    ZERO_ONE_LOSS,
    Status,
)
from genbounds.bounds.holdout import clopper_pearson
from genbounds.bounds.pac_bayes import gaussian_kl as diagonal_gaussian_kl
from genbounds.bounds.pac_bayes import monte_carlo_errors as pairs_bound
from genbounds.bounds.pac_bayes import seeger2002
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic._sample import Sample
from genbounds.models.stochastic._scale_grid import ScaleGrid, check_architectures
from genbounds.models.stochastic._split import Split
from genbounds.models.stochastic.gaussian import GaussianNetwork
from genbounds.models.stochastic.pairs import errors_once, pair_errors


def gaussian_kl(posterior: GaussianNetwork, prior: GaussianNetwork) -> Quantity:
    """KL(posterior || prior) in nats over all coordinates, weights and biases: an upper bound, rounded up.

    The standard deviations are the doubles that ``moments`` gives, and sampling uses the same. ``ValueError`` if the
    two differ in architecture.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> prior = GaussianDenseNetwork(DenseNetwork([1, 1]), std=0.1)
    >>> round(float(gaussian_kl(prior.copy().rescale(2.0), prior)), 6)  # a weight and a bias: 2 (3/2 - ln 2)
    1.613706
    """
    check_architectures(posterior, prior)
    (mean_q, std_q), (mean_p, std_p) = posterior.moments(), prior.moments()
    vectors = {"mean_q": mean_q, "std_q": std_q, "mean_p": mean_p, "std_p": std_p}
    return diagonal_gaussian_kl(**{name: vector.cpu().numpy() for name, vector in vectors.items()})


def monte_carlo_errors(
    posterior: GaussianNetwork,
    inputs: Any,
    labels: Any,
    pairs: int,
    stream: Stream,
    *,
    counts: Any = None,
    network: int = 0,
    dtype: torch.dtype = torch.float64,
) -> tuple[int, int]:
    """Errors of independent (weights, example) pairs: ``(errors, pairs)``, to be bounded by Clopper and Pearson.

    ``pairs`` is fixed before the first pair is drawn. Each pair takes its own weights and an example drawn uniformly from the sample *with*
    replacement, so errors ~ Binomial(pairs, empirical Gibbs risk). Where a matrix meets one vector per example, its pre-activations are
    drawn in its place (exact for independent Gaussian weights). Draws come from ``stream.sub("monte carlo pairs")``, which training never
    touches. Ties and NaN are errors. (An index is uniform within 2^-33 in total variation.)

    Shapes: inputs (rows, d), labels (rows,), counts (rows,) or None. ``ValueError`` for data that do not fit.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> monte_carlo_errors(prior, x, x[:, 0].long(), 1000, Stream("demo", "experiment"))
    (0, 1000)
    """
    sample = gaussian_sample(posterior, inputs, labels, counts, dtype)
    return pair_errors(posterior, sample, pairs, stream.sub("monte carlo pairs"), network), int(pairs)


@dataclass(frozen=True)
class PopulationRisk:
    """A risk measured on independent pairs or examples: the errors among them, and Clopper-Pearson limits at delta/2 each.

    Made by ``gibbs_errors`` and ``fresh_gibbs_errors``.
    """

    errors: int
    pairs: int
    lower: Quantity
    upper: Quantity

    @property
    def estimate(self) -> Fraction:
        """errors / pairs."""
        return Fraction(self.errors, self.pairs)


def gibbs_errors(
    posterior: GaussianNetwork,
    inputs: Any,
    labels: Any,
    pairs: int,
    stream: Stream,
    *,
    delta: Any,
    network: int = 0,
    dtype: torch.dtype = torch.float64,
) -> PopulationRisk:
    """The true Gibbs risk if the population is a finite pool: an interval that holds with probability 1 - delta.

    No formula gives the Gibbs risk of a network exactly, so certificates are compared with this interval. The rows of the pool are equally
    likely; draws come from ``stream.sub("population pairs")``.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> found = gibbs_errors(prior, x, x[:, 0].long(), 1000, Stream("demo", "experiment"), delta="0.05")
    >>> found.errors, float(found.lower)
    (0, 0.0)
    """
    sample = gaussian_sample(posterior, inputs, labels, None, dtype)
    errors = pair_errors(posterior, sample, pairs, stream.sub("population pairs"), network)
    return two_sided(errors, int(pairs), delta)


def fresh_gibbs_errors(
    posterior: GaussianNetwork,
    inputs: Any,
    labels: Any,
    stream: Stream,
    *,
    delta: Any,
    network: int = 0,
    dtype: torch.dtype = torch.float64,
) -> PopulationRisk:
    """The true Gibbs risk, measured on examples that nothing has seen: an interval that holds with probability 1 - delta.

    Every example is used once, with weights of its own. Independent draws from the population thus give as many independent pairs, and the
    errors are binomial with the Gibbs risk itself as parameter. Draws come from ``stream.sub("fresh examples")``.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> found = fresh_gibbs_errors(prior, x, x[:, 0].long(), Stream("demo", "experiment"), delta="0.05")
    >>> found.errors, float(found.lower)
    (0, 0.0)
    """
    sample = gaussian_sample(posterior, inputs, labels, None, dtype)
    errors = errors_once(posterior, sample, stream.sub("fresh examples"), network)
    return two_sided(errors, sample.n, delta)


def two_sided(errors: int, n: int, delta: Any) -> PopulationRisk:
    """Clopper-Pearson limits of a binomial proportion, at delta/2 each.

    >>> found = two_sided(0, 100, Fraction(1, 10))
    >>> float(found.lower), round(float(found.upper), 6)
    (0.0, 0.029513)
    """
    half = Confidence(delta).delta / 2
    upper = clopper_pearson(errors=errors, n=n, delta=half)
    # The lower limit for errors is one minus the upper limit for correct answers; exact in Fractions.
    correct = clopper_pearson(errors=n - errors, n=n, delta=half)
    lower = Quantity(1 - Fraction(correct.value), "lower", "Clopper-Pearson lower limit over pairs", half)
    return PopulationRisk(errors, n, lower, upper.as_quantity())


def certify_gibbs(
    posterior: GaussianNetwork,
    prior: GaussianNetwork,
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
    prior_is_data_free: bool = False,
    scale_grid: ScaleGrid | None = None,
    alternatives: int = 1,
    posteriors: int = 1,
) -> Certificate:
    """A certificate of the Gibbs risk of a Gaussian network: Seeger's bound, with the empirical Gibbs risk bounded by Monte Carlo.

    Seeger's bound holds for every posterior at once, but the Monte Carlo bound only for the posterior that the pairs are drawn from. So
    this is a certificate of one posterior, which was fixed before its pairs were drawn. If several posteriors were certified (other seeds,
    other settings of the training), the best may be kept only if all were paid for, by ``posteriors``.

    Args:
        posterior, prior: from ``train_posterior``; the prior's scale was fixed beforehand.
        inputs, labels: the whole sample. With a ``split`` only its bound part is used, for the risk and for n, and the certificate says
            that the prior is independent of it because the two parts are disjoint.
        counts: multiplicities of the rows (without a split).
        delta: the failure probability of the whole statement; ``monte_carlo_share`` of it goes to the Monte Carlo bound.
        pairs: the number of independent (weights, example) pairs, fixed in advance; with 10 000 the Monte Carlo bound adds about .01.
        prior_is_data_free: say so on the certificate: the means are a random initialisation, and the scale was fixed in advance. This,
            and that the prior saw only its part of a split, is the caller's word, and the certificate lists it as declared. A caller whose
            own code makes it true may say so by ``audited``.
        scale_grid: the prior's scale is the best one of this grid for the posterior, and is paid for; ``prior`` gives the centre only.
        alternatives: the number of priors (architectures, recipes) among which this one was chosen after a look at the sample or at the
            certificates. Its logarithm is added to the KL, and the Monte Carlo bound is taken at its share divided by this number, for one
            posterior per prior.
        posteriors: the number of posteriors that are certified on this sample for each of these priors, this one included, if the best
            of their certificates is kept: fixed beforehand, and the same in every call. The Monte Carlo bound is taken at its share divided
            by this number as well. A posterior that was chosen after a look at certificates of earlier ones needs pairs of its own, from
            another ``network``.

    Returns:
        the certificate of ``pac_bayes.seeger2002``, whose delta is the whole one.

    Raises:
        ValueError: data that do not fit.

    In the example there are no errors among 1000 pairs and the KL is 0, so the value is the upper kl inverse of 1 - (1/100)^(1/1000) at
    ln(25 xi(100))/100:

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = DenseNetwork([1, 1])  # f(x) = x, right on signs
    >>> _ = torch.nn.init.ones_(network.linear(0).weight)
    >>> prior, x = GaussianDenseNetwork(network, std=0.001), torch.tensor([[-1.0], [1.0]] * 50)
    >>> stream = Stream("demo", "experiment")
    >>> found = certify_gibbs(prior.copy(), prior, x, x[:, 0].long(), delta=Fraction(1, 20), pairs=1000, stream=stream)
    >>> found.inputs["n"], round(float(found), 6)
    (100, 0.072837)
    """
    scale = "fixed in advance" if scale_grid is None else "on a grid that is paid for"
    audit = f"means at a random initialisation, scale {scale}" if prior_is_data_free else ""
    if split is not None:
        inputs, labels, audit = *bound_part(split, inputs, labels, counts), disjoint(split)
    n = gaussian_sample(posterior, inputs, labels, counts, torch.float64).n
    budget = Confidence(delta)
    share = budget.share(monte_carlo_share, "Monte-Carlo risk")
    errors, drawn = monte_carlo_errors(posterior, inputs, labels, pairs, stream, counts=counts, network=network)
    how = f"{drawn} pairs from a stream of their own, number fixed beforehand"
    risk = sampled_risk(errors, drawn, share, measured_posteriors(alternatives, posteriors), how)
    rest = budget.rest("PAC-Bayes bound")
    kl = gaussian_kl(posterior, prior) if scale_grid is None else scale_grid.kl(posterior, prior)
    certificate = seeger2002(empirical_risk=risk, kl=with_alternatives(kl, alternatives), n=n, delta=rest)
    certificate = certificate.audited({LOSS_IN_UNIT_INTERVAL: ("by construction", "errors are counted, ties included")})
    priors = (PRIOR_INDEPENDENT_OF_SAMPLE, PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE)
    listed = {entry.assumption for entry in certificate.assumptions}
    return certificate.audited({prior: ("declared", audit) for prior in priors if prior in listed}) if audit else certificate


def sampled_risk(errors: int, pairs: int, share: Fraction, posteriors: int, how: str) -> Certificate | Quantity:
    """An upper limit of a risk on the sample from independent pairs, for one of so many posteriors that were measured.

    At share/posteriors each, so that all limits hold together with probability 1 - share, which is what is charged. ``how`` says how the
    pairs were drawn.

    >>> limit = sampled_risk(0, 100, Fraction(1, 10), 5, "100 pairs")
    >>> round(float(limit), 6), limit.delta  # 1 - (1/50)^(1/100)
    (0.038365, Fraction(1, 10))
    """
    limit = pairs_bound(errors=errors, pairs=pairs, delta=share / posteriors).audited(
        {
            INDEPENDENT_PAIRS: ("by construction", how),
            ZERO_ONE_LOSS: ("by construction", "errors are counted, ties included"),
            ONE_POSTERIOR: paid_posteriors(posteriors),
        }
    )
    if posteriors == 1:
        return limit
    more = f"{limit.as_quantity().how}, at delta/{posteriors} as one of {posteriors}"
    return replace(limit.as_quantity(), how=more, delta=share, charges=())


def paid_posteriors(posteriors: int) -> tuple[Status, str]:
    """What a certificate says of the other posteriors that were certified; their number is the caller's word.

    >>> paid_posteriors(1)
    ('declared', 'the only posterior that was certified on this sample')
    """
    if posteriors == 1:
        return "declared", "the only posterior that was certified on this sample"
    return "declared", f"one of {posteriors} that were certified on this sample, each at delta/{posteriors}"


def measured_posteriors(alternatives: int, posteriors: int) -> int:
    """How many posteriors are measured for all priors together; ``ValueError`` unless both are whole numbers of at least 1.

    >>> measured_posteriors(32, 3)
    96
    """
    return _counted(alternatives, "alternatives", "priors that were tried") * _counted(
        posteriors, "posteriors", "posteriors that are certified for each prior"
    )


def _counted(number: int, name: str, what: str) -> int:
    if isinstance(number, bool) or number != int(number) or number < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {number}: count the {what}")
    return int(number)


def with_alternatives(nats: Quantity, alternatives: int, among: str = "priors") -> Quantity:
    """A KL or a log density ratio for a prior that is one of so many: plus ln(alternatives), rounded up.

    The union over the priors at delta/alternatives each: KL and ln(1/delta) enter PAC-Bayes bounds by their sum alone. ``among``: what they
    are, in words.

    >>> found = with_alternatives(Quantity(1.0, "upper", "closed form"), 32)
    >>> round(float(found), 9), found.how
    (4.465735903, 'closed form; plus ln 32 for the choice among priors')
    """
    if _counted(alternatives, "alternatives", "priors that were tried") == 1:
        return nats
    value = Fraction(nats.value)  # type: ignore[arg-type]
    with precision(128):
        total = arb(value.numerator) / value.denominator + arb(int(alternatives)).log()
    return replace(nats, value=arb_to_float_up(total), how=f"{nats.how}; plus ln {alternatives} for the choice among {among}")


def bound_part(split: Split, inputs: Any, labels: Any, counts: Any) -> tuple[Tensor, Tensor]:
    """The rows of the sample at the split's bound positions."""
    inputs, labels = torch.as_tensor(inputs), torch.as_tensor(labels)
    if counts is not None:
        raise ValueError("counts must not come with a split of positions: pass the bound part's counts, without split")
    if not len(inputs) == len(labels) == split.n:
        raise ValueError(f"split must number the draws of this sample, n={len(labels)}, got one of {split.n}: split this sample")
    return inputs[split.bound.to(inputs.device)], labels[split.bound.to(labels.device)]


def disjoint(split: Split) -> str:
    """What a split says about the prior, if it saw its part alone."""
    return f"fitted on {len(split.prior)} prior positions only, which are disjoint from the {split.bound_size} bound positions"


def bound_sample(network: GaussianNetwork, inputs: Any, labels: Any, counts: Any, split: Split | None) -> Sample:
    """The draws that a bound is evaluated on: the bound part of a split, or all that is given."""
    if split is not None:
        inputs, labels = bound_part(split, inputs, labels, counts)
    return gaussian_sample(network, inputs, labels, counts, torch.float64)


def gaussian_sample(posterior: GaussianNetwork, inputs: Any, labels: Any, counts: Any, dtype: torch.dtype) -> Sample:
    """The sample, checked against the network's inputs and outputs."""
    return Sample.of(inputs, labels, counts, (posterior.features, posterior.outputs), dtype, posterior.device)
