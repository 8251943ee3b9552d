"""A model search on the digits, and what four bounds say of all its candidates from validation samples."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import torch

from genbounds.bounds.holdout import chernoff_kl, clopper_pearson, finite_class, kawaguchi2017validation
from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.rank_association import tau_b
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.studies.validation.cell import BOUNDS, DELTA, SearchCell


def search(cell: SearchCell) -> Mapping[str, Any]:
    """Train all candidates; draw validation samples; bound every candidate from each.

    Returns:
        ``risks`` of all candidates, exact on the pool; of the first validation sample ``first`` (the errors' shares) and ``bounds`` by
        name; ``second``, the shares on the second; over all draws, by bound, ``failures`` (samples on which some candidate's risk exceeds
        its bound) and ``certified`` (means of the chosen candidate's bound); ``disorder``, how often the bounds are not in the order
        Clopper-Pearson <= kl <= Hoeffding <= Kawaguchi; and of pairs of draws ``tau`` (Kendall's, of the candidates' errors on one and the
        other), ``curse`` (the chosen candidate's error on the second less that on the first); ``chosen``, the mean risk of the chosen.
    """
    wrong = candidates(cell)
    pool = population(cell.population)
    risks = wrong.mean(axis=1)
    counts = np.stack([pool.sample_counts(("validation", cell.seed, draw), cell.validation, "validation") for draw in range(cell.draws)])
    errors = np.rint(wrong.astype(np.float64) @ counts.T).astype(int)
    values = np.array([[[_bound(name, int(k), cell.validation, len(risks)) for k in row] for row in errors] for name in BOUNDS])
    best = errors.argmin(axis=0)
    draws = np.arange(cell.draws)
    pairs = [(errors[:, draw], errors[:, draw + 1]) for draw in range(0, cell.draws - 1, 2)]
    increasing = values[[3, 2, 1, 0]]
    return {
        "risks": risks.tolist(),
        "first": (errors[:, 0] / cell.validation).tolist(),
        "second": (errors[:, 1] / cell.validation).tolist(),
        "bounds": {name: values[place, :, 0].tolist() for place, name in enumerate(BOUNDS)},
        "failures": {name: int((risks[:, None] > values[place]).any(axis=0).sum()) for place, name in enumerate(BOUNDS)},
        "certified": {name: float(values[place, best, draws].mean()) for place, name in enumerate(BOUNDS)},
        "disorder": int((np.diff(increasing, axis=0) < -1e-12).sum()),
        "tau": float(np.mean([tau_b(one, other) for one, other in pairs])),
        "curse": float(np.mean([(other[one.argmin()] - one.min()) / cell.validation for one, other in pairs])),
        "chosen": float(risks[best].mean()),
    }


def candidates(cell: SearchCell) -> Array:
    """Which points of the pool each candidate gets wrong, (candidates, pool): every width, then number of steps, then step size."""
    pool = population(cell.population)
    inputs, labels = torch.tensor(pool.inputs, dtype=torch.float32), torch.tensor(pool.labels)
    sample = IndexSamples(torch.tensor(pool.sample(("search", cell.seed), cell.n)))
    rates = torch.tensor(cell.rates, dtype=torch.float64)
    found = []
    for width in cell.widths:
        stream = Stream(f"validation: search {cell.seed}", f"width {width}")
        networks = Ensemble([pool.features, width, len(pool.classes)], "relu", networks=len(rates), stream=stream)
        for steps in np.diff([0, *cell.steps]).tolist():
            networks.train(inputs, labels, sample, steps=steps, batch_size=32, learning_rate=rates)
            found.append(networks.mistakes(inputs, labels).numpy())
    return np.concatenate(found)


@cache
def _bound(name: str, errors: int, n: int, count: int) -> float:
    """The bound on one of so many candidates from its errors on n examples, each with delta/count."""
    share = Fraction(errors, n)
    if name == "Kawaguchi et al.":
        certificate = kawaguchi2017validation(empirical_risk=share, n=n, candidates=count, variance_bound=Fraction(1, 4), delta=DELTA)
    elif name == "Hoeffding":
        certificate = finite_class(empirical_risk=share, n=n, class_size=count, delta=DELTA)
    elif name == "kl":
        certificate = chernoff_kl(empirical_risk=share, n=n, delta=DELTA / count)
    else:
        certificate = clopper_pearson(errors=errors, n=n, delta=DELTA / count)
    return min(1.0, float(certificate.value))


def printed_example() -> float:
    """The example of Kawaguchi, Kaelbling and Bengio: a billion candidates, ten thousand validation examples; they print 6.94 %."""
    inputs: dict[str, Any] = {"empirical_risk": 0, "n": 10**4, "candidates": 10**9, "variance_bound": 1, "delta": Fraction(1, 10)}
    return float(kawaguchi2017validation(**inputs).value)
