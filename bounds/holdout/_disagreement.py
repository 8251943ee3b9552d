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

    No label is needed but those of the surrogate's certificate: the predictor may have been trained on all of them.

    Derivation. Where h and s name the same class they are both right or both wrong, so 1[h(x) != y] <= 1[s(x) != y] + 1[h(x) != s(x)],
    and R(h) <= R(s) + P(h != s). Given h and s, whatever sample they were made from, the unlabelled examples are independent draws, and the
    number of disagreements is Bin(m, P(h != s)): Clopper and Pearson's limit fails with probability at most delta given h and s, hence at
    all. The certificate of R(s) is another event, about the labelled sample, and fails with its own probability. The two need not be
    independent: their union costs the sum, which is the ``delta`` of this certificate when ``surrogate_risk`` is a ``Certificate``. A
    random surrogate, of Gibbs risk R(Q), is averaged over: R(h) <= R(Q) + P(h != s), s drawn from Q, and one new draw of s for each example
    makes the disagreements Bin(m, P(h != s)) again; one draw for all of them does not. A majority vote is a surrogate like any other.

    What may overlap: h may have been trained on every labelled example, those of the surrogate's certificate among them. The unlabelled
    examples may not have been seen by h or s, not even without their labels (for statistics of inputs, say), and several surrogates, of
    which the best is kept, are several certificates: see ``best_of``.

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
