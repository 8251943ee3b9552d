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

_PREDICTABLE_BET = (
    "let lambda_t be any number in [0, infinity] that is made of the losses before loss t and of delta (at R = 1 every loss is 1, and no "
    "capital ever grows). The stake min(lambda_t, 3/(4 (1 - R))) is finite, so that with x in [0, 1] the factor 1 + stake (R - x) is at "
    "least 1/4, and its mean given the past is 1: the capital against R is a martingale that starts at 1, reaches the level exp(cost) >= "
    "1/delta with probability at most delta (Ville), and every factor increases with the mean bet against. "
)
_FIXED_LEVEL = "the fault changes lambda alone: "
_VARIANCE = _PREDICTABLE_BET + _FIXED_LEVEL + "what stands for the variance before loss t "
_MEAN = _VARIANCE + "is 1/4/t and a sum of squares/t, whatever the means are that the losses before t are compared with: positive; "
for _operator, _where, _proof in (
    ("term dropped", "without positions in 1 + positions (betting)", _PREDICTABLE_BET + _FIXED_LEVEL + "ln 1 = 0, so it is infinite"),
    ("term dropped", "without 1 in 1 + positions (betting)", _PREDICTABLE_BET + _FIXED_LEVEL + "ln t for ln(1 + t), infinite at t = 1"),
    ("log10 for ln", "log10 in math.log(1 + positions) (betting)", _PREDICTABLE_BET + _FIXED_LEVEL + "it is ln 10 ^ (1/2) times as large"),
    ("log2 for ln", "log2 in math.log(1 + positions) (betting)", _PREDICTABLE_BET + _FIXED_LEVEL + "it is ln 2 ^ (1/2) times as large"),
    (
        "log2 for ln",
        "log2 in math.log_quotient(1, delta) (betting)",
        _PREDICTABLE_BET + "the fault makes lambda and the level larger: exp(log2(1/delta)) > 1/delta",
    ),
    ("delta for delta/2", "delta / 2 for delta", _PREDICTABLE_BET + "the fault makes lambda and the level larger: 2/delta"),
    (
        "square root dropped",
        "no root of 2 * math.along(cost) / (_variances_before(math, losses) * positions * math.log(1 + positions)) (betting)",
        _PREDICTABLE_BET + _FIXED_LEVEL + "it is squared",
    ),
    (
        "term dropped",
        "without math.cumulative(squares) in math.ratio(1, 4) + math.cumulative(squares) (_variances_before)",
        _VARIANCE + "is 1/(4 t)",
    ),
    (
        "term dropped",
        "without math.ratio(1, 4) in math.ratio(1, 4) + math.cumulative(squares) (_variances_before)",
        _VARIANCE + "is a sum of squares/t; where it is 0, lambda is infinite",
    ),
    ("term dropped", "without 1 in math.positions(losses) + 1 (_variances_before)", _VARIANCE + "has t - 1 for t, and is 1/4 at t = 1"),
    ("term dropped", "without math.positions(losses) in math.positions(losses) + 1 (_variances_before)", _VARIANCE + "is t times as large"),
    (
        "arguments swapped",
        "swapped in math.power(losses - _means(math, losses), 2) (_variances_before)",
        _VARIANCE + "adds up the positive numbers 2^(x - m) for the squares",
    ),
    ("arguments swapped", "swapped in math.ratio(1, 4) (_variances_before)", _VARIANCE + "has 4 for a 1/4"),
    (
        "running sum dropped",
        "not cumulative in math.cumulative(squares) (_variances_before)",
        _VARIANCE + "is 1/(4 t) and the last square/t",
    ),
    ("term dropped", "without math.cumulative(losses) in math.ratio(1, 2) + math.cumulative(losses) (_means)", _MEAN + "here 1/2/(t + 1)"),
    ("term dropped", "without math.ratio(1, 2) in math.ratio(1, 2) + math.cumulative(losses) (_means)", _MEAN + "here without the 1/2"),
    ("term dropped", "without 1 in math.positions(losses) + 1 (_means)", _MEAN + "here perhaps above 1"),
    ("term dropped", "without math.positions(losses) in math.positions(losses) + 1 (_means)", _MEAN + "here sums"),
    ("arguments swapped", "swapped in math.ratio(1, 2) (_means)", _MEAN + "here with 2 for 1/2"),
    ("running sum dropped", "not cumulative in math.cumulative(losses) (_means)", _MEAN + "here of the last loss alone"),
):
    PROVED["holdout.betting", _operator, _where] = _proof

_PREDICTABLE_GUESS = (
    "let g_t >= 0 be any number that is made of the losses before loss t. Then s = g_t - x >= -1, which is all that exp(lambda s - psi "
    "s^2) <= 1 + lambda s needs, and the mean of the right side given the past is 1 + lambda (g_t - R) <= exp(lambda (g_t - R)): "
    "the process of the derivation is a supermartingale with these guesses too. The fault guesses "
)
for _operator, _where, _proof in (
    ("term dropped", "without math.cumulative(losses) in math.ratio(1, 2) + math.cumulative(losses) (_means)", "1/(2 t)"),
    ("term dropped", "without math.ratio(1, 2) in math.ratio(1, 2) + math.cumulative(losses) (_means)", "the sum of the losses before/t"),
    (
        "term dropped",
        "without 1 in math.positions(losses) + 1 (_means)",
        "1/2 and the sum of the losses before over t - 1, perhaps above 1",
    ),
    ("running sum dropped", "not cumulative in math.cumulative(losses) (_means)", "1/2 and the loss before over t"),
):
    PROVED["holdout.empirical_bernstein_sequence", _operator, _where] = _PREDICTABLE_GUESS + _proof

_TRANSCRIPTS = (
    "with B = 1/h + 2 at most k^B models can be met, each fixed before the sample (the derivation of the bound), and the empirical risk of "
    "the one released last is at most its score plus h: by the union bound and Hoeffding's inequality P(failure) <= k^B exp(-2 n d^2) for "
    "the deviation d; "
)
PROVED["holdout.ladder", "term dropped", "without 1 in transcripts + 1 (ladder)"] = (
    _TRANSCRIPTS + "with the fault that is delta k^B (4k/h)^-B <= delta"
)
PROVED["holdout.ladder", "KL or complexity halved", "queries / 2 for queries"] = (
    _TRANSCRIPTS + "with the fault that is (delta/e) k^B (2k/h)^-B <= delta, as h <= 1"
)
PROVED["holdout.ladder", "delta for 2 delta", "2 * delta for delta"] = (
    _TRANSCRIPTS + "with the fault that is (2 delta/e) k^B (4k/h)^-B <= (2/e) delta (1/4)^3"
)

PROVED["margin.neyshabur2018perturbed", "delta for 2 delta", "2 * delta for delta"] = (
    _PERTURBED + "the fault says that of 16 (kl + ln(3 n/delta))/(n - 1), and 4 (n + 1) <= (3 n)^2"
)
PROVED["margin.neyshabur2018perturbed", "log10 for ln", "log10 in math.log_quotient(6 * n, delta) (neyshabur2018perturbed)"] = (
    _PERTURBED + "the fault says that of (16 kl + (16/ln 10) ln(6 n/delta))/(n - 1), and 16/ln 10 > 6, 4 (n + 1) <= 6 n"
)

_SIZES = (
    "at k = 0 the formula gives no number: it divides delta by an infinite weight. For k >= 1 the derivation holds with any weights of the "
    "sizes that add up to at most 1, and the fault has "
)
PROVED["holdout.sample_compression", "term dropped", "without 1 in size + 1 (sample_compression)"] = (
    _SIZES + "1/(k (k + 2)), which add up to 3/4"
)
PROVED["holdout.sample_compression", "term dropped", "without 2 in size + 2 (sample_compression)"] = (
    _SIZES + "1/((k + 1) k), which add up to 1"
)

_ANY_ORDER = (
    "the derivation holds at every order p >= 2 that is fixed by delta: Markov's inequality, the moments of d_i and Rio's inequality ask "
    "for no more. The fault takes "
)
for _where, _proof in (("without cost in 1 + cost", "p = max(2, 1) = 2"), ("without 1 in 1 + cost", "p = max(2, L)")):
    PROVED["stability.bousquet_klochkov_zhivotovskiy2020", "term dropped", f"{_where} (bousquet_klochkov_zhivotovskiy2020)"] = (
        _ANY_ORDER + _proof
    )
