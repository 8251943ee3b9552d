"""Assumptions without which a bound is still true, each with its proof; and those of which neither a world nor a proof says anything.

Both are about the number alone: a theorem that is true without one of its assumptions keeps it where its source or its derivation has it.
"""

from __future__ import annotations

PROVED: dict[tuple[str, str, str], str] = {}
"""By bound, form and assumption: why no world can refute the bound for want of that assumption."""
OPEN: dict[tuple[str, str, str], str] = {}
"""By bound, form and assumption: why there is neither a world nor a proof."""

_QUERIES, _MARGIN = "number of queries fixed in advance", "margin fixed in advance"
_ORDER, _RULE = "order of examples independent of the data", "subgradients by a rule"
_ONE_PASS, _DEPTH = "one pass", "depth and activation fixed in advance"

PROVED["holdout.ladder", "", _QUERIES] = (
    "let k be any number of submissions, chosen as one goes along. A model whose score is released at submission t was chosen after "
    "t - 1 scores that never increase and stay above the least multiple of h, so over at most 1/h + 1 multiples: there are at most "
    "t^(1/h) such models. The bound grows with k, so it is enough that none of them fails at its own t, and all of them together "
    "fail with a probability of at most delta/e times the sum over t of t^(1/h) (4t/h)^-(1/h + 2) <= t^-2/64, which is below "
    "delta/100"
)
PROVED["margin.neyshabur2018perturbed", "", _MARGIN] = (
    "for one network let D be the largest excess, over all s, of P(margin <= s) over the sample's share: P(D > e) <= 2 exp(-2 n "
    "e^2) (Dvoretzky, Kiefer and Wolfowitz), so E exp(2 (n - 1) D^2) <= 2n - 1, and with the prior fixed E_Q D^2 <= (KL + ln((2n - "
    "1)/delta))/(2 (n - 1)) for every posterior Q at once, and every margin. With KL <= 2 (kl + ln 2) for the law given that no "
    "output moves by margin/4, the deviation is at most the root of (kl + ln(2 sqrt(2n/delta)))/(n - 1), below that of 16 (kl + "
    "ln(6n/delta))/(n - 1)"
)
PROVED["margin.bartlett1998fat_shattering", "derived", _MARGIN] = (
    "the margin enters through d alone: of all margins with fat(margin/16) <= d the least, or their limit, has the least margin "
    "risk, and it is fixed in advance. So let Z be the supremum over f and over d = 0, 1, ... of R - R_margin(d) - capacity(d); "
    "McDiarmid's inequality gives the last term if E Z <= 0. In units of n^(-1/2), E Z <= -c + sum over d of N_d E(X + c - m_d)^+ "
    "for signed sums X of variance at most 1; take c = .3. For d = 0 there is one function at that scale, N = 1, m = sqrt(2 ln 2), "
    "and E(X - a)^+ <= (sqrt(1 + a^2) - a)/2 = .227. For d >= 1 the bound says something only if n >= 370, and then the cover, with "
    "32 and 128 in place of 34 and 578, is so much smaller that all these terms add up to less than .01. So E Z <= 0"
)
PROVED["margin.bartlett1998fat_shattering", "printed", _MARGIN] = (
    "as in the derived form one margin stands for each d, and the union over d = 0, 1, ... costs nothing. With a cover of N_d elements "
    "E exp(t Z_d) <= N_d exp(t^2/(2 n)), so P(Z_d >= e_d) <= N_d exp(-n e_d^2/2) = N_d exp(-C_d) delta/4, C_d = d ln(34 e n/d) log2(578 "
    "n). For d = 0 there is one function at that scale: delta/4. For d >= 1 the cover has 32 and 128 in place of 34 and 578: ln N_d <= "
    "ln 2 + C_d - d log2(578/128) ln(32 e n/d), and where the bound is below 1, d <= n and these terms are at most (delta/2) "
    "exp(-9.7 d), below delta/10000 together"
)
for _bound in ("margin.norm_product", "margin.norm_product_fixed_class"):
    OPEN[_bound, "", _DEPTH] = (
        "at one depth L <= 8 the activation may look at the sample, unit by unit: each is p t + q |t| with |p| + |q| <= 1, so that peeling "
        "one costs a factor of 1 + 2 where a fixed one costs 2, and E cosh(s ||sum of eps_i x_i||) <= exp(s^2 ||X||^2/2) (Pinelis 1994) "
        "leaves sqrt(2 ((L - 1) ln 3 + ln 2)), which is below 1 + sqrt(2 ln 2 (L - 1)) for these L. From L = 9 on it is above, and the "
        "union over depths is not paid for: at L = 1 the complexity has no room for it. Nor does a world come near: at every depth the "
        "deviation of all networks that can be listed is below half of the bound's"
    )
PROVED["perceptron.random_iterate_mistakes", "", _ONE_PASS] = (
    "it follows from 'online losses': an example that is scored by a hypothesis of the earlier examples alone, in an order that "
    "does not look at them, has the mean loss of that hypothesis, and this is all that is used"
)
PROVED["stability.bassily2020nonsmooth", "printed", _RULE] = (
    "subgradients of a convex function are monotone whichever are taken, so a <= 2 eta L sqrt T + 4 eta L k holds for the largest "
    "distance also where the replaced example is not met (k = 0); averaged over the replaced example it is 2 eta L sqrt T + 4 eta L "
    "T/n, below what is printed. (The derived form needs the rule, and is false without it.)"
)
_KUZBORSKIJ = "stability.kuzborskij_lampert2018"
PROVED[_KUZBORSKIJ, "", "smooth loss"] = (
    "it follows from 'curvature at the start': either g is at least the least Lipschitz constant of the gradient, or the second "
    "alternative bounds the mean growth of a step; the smoothness itself stands only in the condition on the step, which the "
    "derivation does not use"
)
PROVED[_KUZBORSKIJ, "", "Lipschitz Hessian"] = (
    "a Hessian that is not Lipschitz leaves of 'curvature at the start' the first alternative alone, g at least the smoothness, and "
    "then a step grows distances by at most 1 + c g/t, which is all that the derivation uses"
)
PROVED[_KUZBORSKIJ, "", _ORDER] = "it is part of 'one pass'"
