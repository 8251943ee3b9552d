from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, CONDITIONAL_INFORMATION, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.information._inputs import CONDITIONAL
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World

_LEFT = r"\frac{1}{n} \sum_{i=1}^{n} I(\Lambda_i; U_i)"


@capacity(
    source=Source("hellstrom2022new", "the chain of informations"),
    gives="evaluated_information",
    provenance=DERIVED,
    assumes=(CONDITIONAL_INFORMATION,),
    symbols={"conditional_information": r"I(W; U \mid \tilde Z)", "n": "n"},
    domains={"conditional_information": CONDITIONAL},
    increasing=("conditional_information",),
    decreasing=("n",),
    left_side=_LEFT,
)
def evaluated_by_conditional(math: World, *, conditional_information: Number, n: Number) -> Terms:
    r"""The mean over the pairs of the information of the losses on a pair about its coin is at most the conditional mutual information
    divided by n, and at most ln 2.

    Derivation. The setting is that of ``steinke_zakynthinou2020``. The coins U are independent of the pairs Z, so I(losses of pair i; U_i)
    <= I(losses of pair i; U_i | Z). Given Z the losses are a function of the output W, so this is at most I(W; U_i | Z). As the U_i are
    independent, sum_i I(W; U_i | Z) <= I(W; U | Z). Moreover, a fair coin has the entropy ln 2.

    Inputs: ``conditional_information`` in nats; ``n``.

    >>> float(evaluated_by_conditional(conditional_information=2, n=1000))
    0.002
    """
    return {"information": math.minimum(conditional_information / n, math.log(2))}


@capacity(
    source=Source("harutyunyan2021information", "f-CMI of a class of bounded VC dimension, in terms of the growth function"),
    gives="evaluated_information",
    provenance=DERIVED,
    assumes=(CLASS_FIXED_IN_ADVANCE, ZERO_ONE_LOSS),
    symbols={"log_growth_2n": r"\ln \tau(2n)", "n": "n"},
    domains={"log_growth_2n": NONNEGATIVE.meaning_is("natural logarithm of (an upper bound on) the growth function at 2n")},
    takes={"log_growth_2n": ("log_growth",)},
    at={"log_growth_2n": lambda inputs: 2 * inputs["n"]},
    increasing=("log_growth_2n",),
    decreasing=("n",),
    left_side=_LEFT,
)
def evaluated_by_growth(math: World, *, log_growth_2n: Number, n: Number) -> Terms:
    r"""The mean over the pairs of the information of the predictions on a pair about its coin is at most ln tau(2n)/n, where tau is the
    growth function of the class, and at most ln 2.

    It bounds the information of the losses where they are functions of the predictions, as the 0-1 loss is. The growth function of the
    signs of real-valued scores says nothing about losses that depend on the scores in another way. If tau counts vectors of 0-1 losses, as
    for a multiclass network, the bound is for these losses.

    Derivation. Given the pairs, the predictions on their 2n points take at most tau(2n) values, whatever the algorithm, as long as its
    output lies in the class. So their information about the coins U is at most the logarithm of that number. They determine the
    predictions, and the 0-1 losses, on each pair. The rest is as in ``evaluated_by_conditional``.

    Inputs: ``log_growth_2n``, an upper bound on ln tau *at 2n* points; ``n``.

    >>> from genbounds.bounds.vc import log_growth_sauer
    >>> round(float(evaluated_by_growth(log_growth_2n=log_growth_sauer(vc_dimension=3, n=2000), n=1000)), 12)
    0.02101094916
    """
    return {"information": math.minimum(log_growth_2n / n, math.log(2))}
