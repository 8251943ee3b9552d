"""The procedure: train a posterior on a data set, and certify each predictor made of it; data set, prior and recipe are arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.bounds import Certificate, get
from genbounds.bounds.assumptions import (
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    ONE_POSTERIOR,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    ZERO_ONE_LOSS,
    Status,
)
from genbounds.bounds.pac_bayes import mcallester
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianNetwork,
    PosteriorTraining,
    ScaleGrid,
    certify_gibbs,
    certify_majority_vote,
    certify_prior_mean,
    certify_single_draw,
    draw_coordinates,
    train_posterior,
)
from genbounds.verification.rows.interval import Interval
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.posteriors.data_set import RISK_DELTA, DataSet, Measured

GIBBS, ONE_NETWORK, VOTE = "Gibbs risk", "risk of one drawn network", "risk of the majority vote"
MEANS = "risk of the network at the prior's means"


@dataclass(frozen=True)
class Prior:
    """A prior, and why its data set's bound part does not know it.

    Args:
        gaussian: the prior itself.
        audit: status and reason of its independence; ``means_audit`` those of the network at its means.
        alternatives: the priors among which it was chosen, all paid for.
        scale_grid: its scale follows the posterior on this grid, which is paid for.
    """

    gaussian: GaussianNetwork
    audit: tuple[Status, str]
    means_audit: tuple[Status, str]
    alternatives: int = 1
    scale_grid: ScaleGrid | None = None


@dataclass(frozen=True)
class Recipe:
    """What is done with a prior.

    Args:
        delta: of every certificate, its Monte-Carlo part included.
        objective: the catalogue name of the bound that training minimises.
        training: its settings.
        pairs: of weights and an example for the empirical Gibbs risk; ``vote_pairs`` for each risk of the vote.
        relaxed: certify by McAllester's form as well.
        held_out: certify the network at the prior's means, where the prior was fitted.
        derandomised: certify one drawn network and the majority vote.
        posterior_audit: why no other posterior was certified on the sample.
    """

    delta: Fraction
    objective: str
    training: PosteriorTraining
    pairs: int
    vote_pairs: int
    posterior_audit: tuple[Status, str]
    relaxed: bool = False
    held_out: bool = True
    derandomised: bool = False


class CertifiedPosterior:
    """A posterior that was trained by a recipe, and its certificates, each compared with the risk of the same predictor.

    Args:
        data, prior, recipe: what is trained on, from where, and how.
        stream, network: all random numbers, of this network.
        quantity: from what is bounded ("Gibbs risk") to the words that tell its row from others of the report.
    """

    def __init__(
        self, data: DataSet, prior: Prior, recipe: Recipe, stream: Stream, network: int, quantity: Callable[[str], str] = str
    ) -> None:
        self.data, self.prior, self.recipe, self.quantity = data, prior, recipe, quantity
        self.random: dict[str, Any] = {"stream": stream, "network": network}
        self.posterior = train_posterior(
            prior.gaussian,
            **data.bound_part,
            **self.random,
            bound=get(f"pac_bayes.{recipe.objective}"),
            delta=recipe.delta,
            training=recipe.training,
            scale_grid=prior.scale_grid,
        )

    def entries(self) -> list[Entry]:
        """Of the Gibbs risk, of the held-out baseline, and, where the recipe says so, of one drawn network and of the vote."""
        gibbs = certify_gibbs(
            self.posterior,
            self.prior.gaussian,
            **self.data.bound_part,
            **self.random,
            delta=self.recipe.delta,
            pairs=self.recipe.pairs,
            scale_grid=self.prior.scale_grid,
            alternatives=self.prior.alternatives,
        ).audited({PRIOR_INDEPENDENT_OF_SAMPLE: self.prior.audit})
        risk = self.data.gibbs_risk(self.posterior, **self.random)
        kl, measured = (_number(gibbs, name) for name in ("kl", "empirical_risk"))
        note = f"KL {decimal_up(kl, 4)} nats{self._paid}; empirical Gibbs risk bounded from {self.recipe.pairs} pairs at a fifth of delta"
        made = [gibbs, relaxed(gibbs)] if self.recipe.relaxed else [gibbs]
        found = [self._entry(certificate, risk, GIBBS, note, measured) for certificate in made]
        if self.data.split is not None and self.recipe.held_out:
            found.append(self._held_out())
        if self.recipe.derandomised:
            found += [self._one_network(), *self._votes(gibbs, risk)]
        return found

    @property
    def _paid(self) -> str:
        return f", ln {self.prior.alternatives} included" if self.prior.alternatives > 1 else ""

    def _held_out(self) -> Entry:
        """The held-out baseline: the network at the prior's means, on what the PAC-Bayes bound spends."""
        prior, part = self.prior.gaussian, self.data.bound_part
        certificate = certify_prior_mean(prior, **part, delta=self.recipe.delta / self.prior.alternatives)
        certificate = certificate.audited({HYPOTHESIS_INDEPENDENT_OF_SAMPLE: self.prior.means_audit})
        errors, n = (int(_number(certificate, name)) for name in ("errors", "n"))
        note = f"the held-out baseline: {errors} errors on the {n} {self.data.unit} that the PAC-Bayes bound spends"
        return self._entry(certificate, self.data.network_risk(prior, prior.moments()[0]), MEANS, note, errors / n)

    def _one_network(self) -> Entry:
        """One network, the first and only draw of a stream of its own."""
        certificate = certify_single_draw(
            self.posterior,
            self.prior.gaussian,
            **self.data.bound_part,
            **self.random,
            delta=self.recipe.delta,
            alternatives=self.prior.alternatives,
        ).audited({PRIOR_INDEPENDENT_OF_SAMPLE: self.prior.audit})
        ratio, measured = (_number(certificate, name) for name in ("log_ratio", "empirical_risk"))
        note = f"log density ratio {decimal_up(ratio, 4)} nats{self._paid}"
        risk = self.data.network_risk(self.posterior, draw_coordinates(self.posterior, **self.random))
        return self._entry(certificate, risk, ONE_NETWORK, note, measured)

    def _votes(self, gibbs: Certificate, gibbs_risk: Measured) -> list[Entry]:
        """The majority vote, by twice the Gibbs risk and by the tandem risk."""
        risk = self.data.vote_risk(self.posterior, gibbs_risk, **self.random)
        made = certify_majority_vote(
            gibbs,
            self.posterior,
            **self.data.bound_part,
            **self.random,
            delta=self.recipe.delta,
            pairs=self.recipe.vote_pairs,
            alternatives=self.prior.alternatives,
        )
        return [self._entry(certificate, risk, VOTE, f"by {name}", None) for name, certificate in made.items()]

    def _entry(self, certificate: Certificate, measured: Measured, what: str, note: str, empirical: float | None) -> Entry:
        counted: tuple[Status, str] = ("by construction", "errors are counted, ties included")
        return Entry(
            certificate=certificate.audited_where_made(
                {
                    IID_SAMPLE: self.data.independence,
                    LOSS_IN_UNIT_INTERVAL: ("by construction", "errors are counted"),
                    ZERO_ONE_LOSS: counted,
                    ONE_POSTERIOR: self.recipe.posterior_audit,
                }
            ),
            risk=measured.risk,
            risk_what=f"{what}{measured.where}",
            n=self.data.n,
            empirical=empirical,
            note=note,
            quantity=self.quantity(what),
            risk_delta=RISK_DELTA if isinstance(measured.risk, Interval) else 0,
        )


def relaxed(seeger: Certificate) -> Certificate:
    """McAllester's form at the inputs of a certificate of Seeger's, the Monte-Carlo share of delta included."""
    inputs = {name: seeger.inputs[name] for name in ("empirical_risk", "kl", "n", "delta")}
    prior = next(entry for entry in seeger.assumptions if entry.assumption == PRIOR_INDEPENDENT_OF_SAMPLE)
    return mcallester(**inputs).audited({PRIOR_INDEPENDENT_OF_SAMPLE: (prior.status, prior.how)})


def _number(certificate: Certificate, name: str) -> float:
    """A measured input as a float."""
    return float(certificate.inputs[name])  # type: ignore[arg-type]
