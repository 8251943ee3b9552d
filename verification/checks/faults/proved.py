"""Faults that leave a true statement, each with its proof: no world can refute them."""

from __future__ import annotations

PROVED: dict[tuple[str, str, str], str] = {}
"""By bound, operator and place."""

_CONSISTENT = (
    "with X the errors on n ghost examples, E sup 1[no error on the sample] 2^X <= Pi(2n) by swapping pairs, and a risk above e has "
    "E 2^X > (1 + e)^n: so n ln(1 + R) <= ln(Pi(2n)/delta) = n a, and R <= exp(a) - 1 <= a/ln 2 as R <= 1; "
)
PROVED["vc.realizable", "n for 2n", "2 * n for n"] = _CONSISTENT + "the fault says a/ln 2 + 1/n, with the larger Pi(4n)"
PROVED["vc.realizable_growth", "n for 2n", "2 * n for n"] = _CONSISTENT + "the fault says a/ln 2 + 1/n"
PROVED["vc.realizable_growth", "KL or complexity halved", "log_growth_2n / 2 for log_growth_2n"] = (
    _CONSISTENT + "the fault says (ln Pi(2n) + 2 ln(2/delta))/(n ln 2)"
)
for _theorem in ("vc.realizable", "vc.realizable_growth"):
    PROVED[_theorem, "term halved", "half of 2 * (growth + math.log_quotient(2, delta)) / (n * math.log(2)) (_terms)"] = (
        _CONSISTENT + "the fault says (ln Pi(2n) + ln(2/delta))/(n ln 2)"
    )
    PROVED[_theorem, "log2 for ln", "log2 in math.log(2) (_terms)"] = (
        _CONSISTENT + "the fault says 2 (ln Pi(2n) + ln(2/delta))/n, and 2 > 1/ln 2"
    )
    PROVED[_theorem, "delta for 2 delta", "2 * delta for delta"] = _CONSISTENT + "the fault says 2 a/ln 2"

PROVED["holdout.kawaguchi2017validation", "KL or complexity halved", "loss_range / 2 for loss_range"] = (
    "it follows from Bennett's inequality at delta/|F| for each candidate: its h(u) >= 9 (1 + u/3 - sqrt(1 + 2 u/3)), whose inverse gives "
    "sqrt(2 g^2 t/n) + C t/(3 n) with t = ln(|F|/delta), which is what the fault says"
)

_PERTURBED = (
    "conditioned on its half of the probability the posterior has KL <= 2 (kl + ln 2), so by Pinsker's inequality and the kl bound with "
    "ln((n + 1)/delta) the deviation is at most the root of (2 kl + ln(4 (n + 1)/delta))/(2 n); "
)
PROVED["margin.neyshabur2018perturbed", "n for 2n", "2 * n for n"] = (
    _PERTURBED + "the fault says that of 16 (kl + ln(12 n/delta))/(2 n - 1), and 4 (n + 1) <= 12 n"
)
PROVED["margin.neyshabur2018perturbed", "n for 4n", "4 * n for n"] = (
    _PERTURBED + "the fault says that of 16 (kl + ln(24 n/delta))/(4 n - 1), and 4 (n + 1) <= 24 n"
)
PROVED["margin.neyshabur2018perturbed", "KL or complexity halved", "kl / 2 for kl"] = (
    _PERTURBED + "the fault says that of (8 kl + 16 ln(6 n/delta))/(n - 1), and 4 (n + 1) <= (6 n)^2"
)

_BIASED = (
    "let L = ln(2/delta) (and ln of the number of hypotheses), b = sqrt(2 L/n), r = R - R_n and Q the mean of (x - R)^2, so that the "
    "variance with the divisor n is V = Q - r^2. As |x - x'| <= 1, 2 E(x - R)^4 + 6 s^4 = E(x - x')^4 <= 2 s^2, so Q >= s^2 - s b (1 - 3 "
    "s^2/2) but with probability delta/2, and r <= s b + b^2/6 but with as much (Bernstein). Were r over b sqrt(V) + 7 b^2/6, then sqrt(V) "
    "< e = s - b, and V >= s^2 - s b (1 - 3 s^2/2) - r^2 gives e + 3 s^3/2 < b (s + b/6)^2 <= 49 s^3/36, which is not so"
)
for _theorem in ("holdout.empirical_bernstein", "holdout.maurer2009finite_class"):
    PROVED[_theorem, "ddof 0", "variance * (n - 1) / n for variance"] = _BIASED
