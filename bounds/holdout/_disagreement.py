from __future__ import annotations

from genbounds.bounds.assumptions import MISCLASSIFICATION, SURROGATE_COMPARED, UNLABELLED_DRAWS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import GIBBS_RISK, MAJORITY_VOTE_RISK, RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NATURAL, TRIALS, UNIT, Requirement
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_AT_MOST_ALL = Requirement(
    ("disagreements", "unlabelled"),
    lambda disagreements, unlabelled: disagreements <= unlabelled,
    "disagreements must be at most unlabelled",
    "count them on the unlabelled examples",
)


@bound(
    source=Source("bazinet2026bound", "the risk of a predictor by that of a surrogate; the triangle inequality is derived here"),
    provenance=DERIVED,
    assumes=(MISCLASSIFICATION, UNLABELLED_DRAWS, SURROGATE_COMPARED),
    symbols={"surrogate_risk": "R(s)", "disagreements": "k", "unlabelled": "m", "delta": r"\delta"},
    domains={
        "surrogate_risk": UNIT.meaning_is("the risk of the surrogate: its certificate"),
        "disagreements": NATURAL.meaning_is("number of unlabelled examples to which the two give different classes"),
        "unlabelled": TRIALS.meaning_is("number of unlabelled examples that neither predictor saw"),
    },
    increasing=("surrogate_risk", "disagreements"),
    decreasing=("unlabelled", "delta"),
    takes={"surrogate_risk": (RISK, GIBBS_RISK, MAJORITY_VOTE_RISK)},
    requires=(_AT_MOST_ALL,),
    holds_for="one predictor, compared with the surrogate on unlabelled examples that neither saw",
)
def disagreement(math: World, *, surrogate_risk: Number, disagreements: Number, unlabelled: Number, delta: Number) -> Terms:
    r"""The risk of a predictor is at most that of a surrogate plus the Clopper-Pearson limit on how often the two disagree.

    The only labels needed are those of the surrogate's certificate, and the predictor may have been trained on all of them.

    Derivation. Where h and s name the same class they are both right or both wrong. So 1[h(x) != y] <= 1[s(x) != y] + 1[h(x) != s(x)], and
    R(h) <= R(s) + P(h != s). Given h and s, whatever sample they were made from, the unlabelled examples are independent draws, and the
    number of disagreements has the law Bin(m, P(h != s)). So the Clopper-Pearson limit fails with probability at most delta given h and s,
    and therefore also unconditionally. The certificate of R(s) is an event about the labelled sample, and fails with its own probability.
    The two events need not be independent: by the union bound the probabilities add up, and their sum is the ``delta`` of this certificate
    when ``surrogate_risk`` is a ``Certificate``.

    The surrogate may be random, with Gibbs risk R(Q). Averaging over s drawn from Q gives R(h) <= R(Q) + P(h != s), and the disagreements
    have the law Bin(m, P(h != s)) if s is drawn anew for each example; one draw for all of them is not enough. A majority vote is a
    surrogate like any other.

    The predictor h may have been trained on every labelled example, including those of the surrogate's certificate. The unlabelled examples
    must not have been seen by h or s, not even without their labels (for statistics of inputs, say). Several surrogates of which the best
    is kept are several certificates: see ``best_of``.

    Inputs: ``surrogate_risk``, a certificate of the surrogate's risk, Gibbs risk or majority vote risk, or a number; ``disagreements``;
    ``unlabelled``, at least 1; ``delta``, of the disagreement alone.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.holdout import clopper_pearson
    >>> surrogate = clopper_pearson(errors=50, n=5000, delta=Fraction(1, 40))  # of another network, on labels that h was trained on
    >>> found = disagreement(surrogate_risk=surrogate, disagreements=60, unlabelled=5000, delta=Fraction(1, 40))
    >>> round(found.value, 12), found.delta
    (0.028582453406, Fraction(1, 20))
    """
    return {
        "risk of the surrogate": surrogate_risk,
        "disagreement": math.binomial_tail_inverse(disagreements, unlabelled, delta),
    }
