from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, LADDER_RELEASES, QUERIES_FIXED_IN_ADVANCE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, UNIT, Domain
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("blum2015ladder", "Theorem 3.1"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, LADDER_RELEASES, QUERIES_FIXED_IN_ADVANCE),
    symbols={"reported_risk": "R_k", "n": "n", "queries": "k", "step": r"\eta", "delta": r"\delta"},
    domains={
        "reported_risk": UNIT.meaning_is("the score on the leaderboard"),
        "queries": COUNT.meaning_is("number of models submitted"),
        "step": Domain("lie in (0, 1]", "it is a difference of risks", 0, 1, low_open=True).meaning_is(
            "the step by which a submission must improve before a score is released"
        ),
    },
    increasing=("reported_risk", "queries"),
    decreasing=("n", "delta"),
    holds_for="the best of the models submitted so far",
)
def ladder(math: World, *, reported_risk: Number, n: Number, queries: Number, step: Number, delta: Number) -> Terms:
    r"""The risk of the best of k adaptively submitted models is at most the Ladder's score plus h + sqrt(((1/h + 2) ln(4k/h) + 1 +
    ln(1/delta)) / (2n)), with the step h and the number k fixed in advance.

    A score is released, rounded to a multiple of h, only when a submission beats the last score by h. The source has P(leaderboard error >
    e + h) <= exp(-2 e^2 n + (1/h + 2) ln(4k/h) + 1).

    Derivation. The first submission always gets a score, and each later score is lower than the one before by at least h, however it is
    rounded to a multiple. So the analyst sees a sequence that never increases and takes at most B = floor(1/h) + 2 values, all multiples of
    h. Submission t is a function of what was seen before, which is one of C(t + B - 2, B - 1) sequences. So the number of models that could
    be submitted is at most C(k + B - 1, B) <= k^B, whose logarithm is at most (1/h + 2) ln(4k/h), and all these models are fixed before the
    sample. The union bound with Hoeffding's inequality therefore holds for the model whose score was released last. Its empirical risk is
    at most the score plus h, and it is one of the models submitted, so the best of them has no larger risk.

    Inputs: ``reported_risk``, the score; ``n``, the size of the held-out sample; ``queries`` k; ``step`` h; ``delta``.

    >>> certificate = ladder(reported_risk=0, n=50000, queries=1000, step=0.07, delta=0.2886)
    >>> round(certificate.value, 4)  # .07 + .0425: the log-tail at .0425 is -1.2425
    0.1125
    """
    transcripts = math.let("t", (1 / step + 2) * math.log(4 * queries / step))
    return {
        "reported risk": reported_risk,
        "step": step,
        "deviation": math.sqrt((transcripts + 1 + math.log_quotient(1, delta)) / (2 * n)),
    }
