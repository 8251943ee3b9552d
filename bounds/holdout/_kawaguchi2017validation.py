from __future__ import annotations

from genbounds.bounds.assumptions import BOUNDED_LOSS, CANDIDATES_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, VARIANCE_BOUND
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.holdout._bernstein import VARIANCE_CAP
from genbounds.bounds.inputs import COUNT, LOSS_AVERAGE, RISK_IN_RANGE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("kawaguchi2017generalization", "the proposition on validation error, with its example at 6.94 %"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, BOUNDED_LOSS, CANDIDATES_INDEPENDENT_OF_SAMPLE, VARIANCE_BOUND),
    symbols={
        "empirical_risk": r"\widehat{R}_n", "n": "n", "candidates": r"\left|F\right|", "variance_bound": r"\gamma^2",
        "delta": r"\delta", "loss_range": "C",
    },
    domains={
        "empirical_risk": LOSS_AVERAGE,
        "variance_bound": VARIANCE_CAP,
        "candidates": COUNT.meaning_is("number of candidates that could have been evaluated"),
    },
    requires=(RISK_IN_RANGE,),
    increasing=("empirical_risk", "candidates", "variance_bound", "loss_range"),
    decreasing=("n", "delta"),
    trivial="loss_range",
    holds_for="every candidate at once",
)  # fmt: skip
def kawaguchi2017validation(
    math: World, *, empirical_risk: Number, n: Number, candidates: Number, variance_bound: Number, delta: Number, loss_range: Number = 1
) -> Terms:
    r"""The risk of every candidate is at most its validation risk plus 2 C ln(|F|/delta)/(3 n) + sqrt(2 g^2 ln(|F|/delta)/n), where g^2
    bounds the true variance of the loss of every candidate.

    Derivation. This is ``bernstein`` at delta/|F|, relaxed by sqrt(a + b) <= sqrt a + sqrt b, with a union bound over the candidates. The
    candidates must be a list fixed before the validation sample is seen (all checkpoints of all configurations that *could* be evaluated).
    For a search that looks at the scores see ``adaptive_reuse``.

    Without knowledge of the variance, that is, at g^2 = C^2/4 or above, ``finite_class``, ``occam_kl`` and ``occam_binomial`` (with
    ``log_inverse_prior`` = ln |F|) are tighter. With a small g^2 this bound can be below ``finite_class``. ``form="bennett"`` is
    ``bennett`` at delta/|F|: it inverts Bennett's inequality exactly, in place of the relaxed form of Bernstein's.

    Inputs: ``empirical_risk`` on the validation sample; ``n``, its size; ``candidates`` |F|; ``variance_bound`` g^2 on the true variance
    (1/4 always holds for losses in [0, 1]); ``delta``; ``loss_range`` C.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=0, n=10**4, candidates=10**9, delta=Fraction(1, 10))
    >>> round(kawaguchi2017validation(**inputs, variance_bound=1).value, 13)  # the 6.94 % of the paper
    0.0693964609728
    """
    cost = math.log(candidates) + math.log_quotient(1, delta)
    return {
        "validation risk": empirical_risk,
        "range": 2 * loss_range * cost / (3 * n),
        "variance": math.sqrt(2 * variance_bound * cost / n),
    }


@kawaguchi2017validation.other_form(
    "bennett",
    provenance=DERIVED,
    source=Source("kawaguchi2017generalization", "the proposition on validation error, by Bennett's inequality in place of Bernstein's"),
)
def _kawaguchi2017validation_bennett(
    math: World, *, empirical_risk: Number, n: Number, candidates: Number, variance_bound: Number, delta: Number, loss_range: Number
) -> Terms:
    cost = math.log(candidates) + math.log_quotient(1, delta)
    scale = math.let("v", variance_bound / loss_range)
    return {"validation risk": empirical_risk, "deviation": math.bennett_inverse(scale, loss_range * cost / n)}
