"""Inputs of the PAC-Bayes bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from mpmath import mp
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import between, counts, deltas, errors_of, moments, nonnegatives, positives, segments, units
from tests.reference import holdout as held_out
from tests.reference import pac_bayes as reference
from tests.reference.special import rational

from genbounds.bounds import Certificate, get

EXAMPLE = {"empirical_risk": Fraction(3, 100), "kl": 50, "n": 1000, "delta": Fraction(1, 20)}

# xi(n) of the reference is a sum to 10^7 and a slow integral beyond: few such n.
SAMPLE_SIZES = st.one_of(counts(high=10**5), st.sampled_from((10**6, 5 * 10**7, 10**10)))


def reals() -> st.SearchStrategy[Any]:
    """Numbers of both signs."""
    return st.builds(lambda x, sign: sign * x, nonnegatives(1e100), st.sampled_from((-1, 1)))


def gaussians() -> st.SearchStrategy[dict[str, Any]]:
    """Two Gaussians of one to five weights, with close standard deviations too."""

    def build(columns: list[tuple[Any, ...]]) -> dict[str, Any]:
        mean_q, std_q, mean_p, std_p = zip(*columns, strict=True)
        return {"mean_q": mean_q, "std_q": std_q, "mean_p": mean_p, "std_p": std_p}

    scale = positives(1e-60, 1e60)
    apart = st.tuples(reals(), scale, reals(), scale)
    close = st.builds(lambda mean, s, t: (mean, s, mean, s * (1 + t)), reals(), st.floats(1e-3, 1e3), st.floats(-1e-7, 1e-7))
    return st.lists(st.one_of(apart, close), min_size=1, max_size=5).map(build)


def dyadic() -> st.SearchStrategy[Any]:
    """Multiples of 1/64 of both signs: their products and sums are exact in floats, however they cancel."""
    return st.integers(-(2**16), 2**16).map(lambda k: k / 64)


def blocks() -> st.SearchStrategy[dict[str, Any]]:
    """One to five blocks of weights, with close standard deviations too."""

    def build(columns: list[tuple[Any, ...]]) -> dict[str, Any]:
        distances, sizes, std_q, std_p = zip(*columns, strict=True)
        return {"distances": distances, "sizes": sizes, "std_q": std_q, "std_p": std_p}

    scale = positives(1e-60, 1e60)
    apart = st.tuples(nonnegatives(1e100), counts(high=10**9), scale, scale)
    close = st.builds(lambda k, s, t: (0, k, s, s * (1 + t)), counts(high=10**9), st.floats(1e-3, 1e3), st.floats(-1e-7, 1e-7))
    return st.lists(st.one_of(apart, close), min_size=1, max_size=5).map(build)


def temperature_grid(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """Catoni's bound at the temperature 2^(j/2) and the confidence delta / (1.5 (|j| + 1)(|j| + 2)), for the j that was chosen."""
    j = int(certificate.choices["index"])
    assert j == certificate.choices["index"]
    with mp.workdps(60):
        paid = rational(inputs["delta"]) / (Fraction(3, 2) * (abs(j) + 1) * (abs(j) + 2))
        return reference.catoni(**{**inputs, "delta": paid}, temperature=mp.mpf(2) ** (mp.mpf(j) / 2))


def rate_grids(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """Both inequalities at the rates that the certificate names."""
    chosen = {name: int(value) for name, value in certificate.choices.items()}
    return reference.empirical_bernstein_at(**inputs, **chosen)


def one_gaussian() -> st.SearchStrategy[dict[str, Any]]:
    """A posterior and the centre of a prior, of one to five weights."""

    def build(columns: list[tuple[Any, ...]], largest: Any, precision: Any) -> dict[str, Any]:
        mean_q, std_q, mean_p = zip(*columns, strict=True)
        return {"mean_q": mean_q, "std_q": std_q, "mean_p": mean_p, "largest_variance": largest, "precision": precision}

    mean = st.builds(lambda x, sign: sign * float(x), nonnegatives(1e6), st.sampled_from((-1, 1)))
    columns = st.lists(st.tuples(mean, positives(1e-6, 1e6).map(float), mean), min_size=1, max_size=5)
    return st.builds(build, columns, positives(1e-3, 1e3).map(float), positives(0.1, 1e3).map(float))


def prior_scale(inputs: dict[str, Any], quantity: Any) -> Any:
    """The divergence and its price at the j of the search, which may be any whole number from 1."""
    formula = get("pac_bayes.gaussian_kl_grid")
    index = float(formula._choices(formula.forms[""], inputs)["index"])
    assert index >= 1
    assert index == int(index)
    return reference.gaussian_kl_at_scale(index=int(index), **inputs)


def scaled_blocks() -> st.SearchStrategy[dict[str, Any]]:
    """One to four blocks of a posterior, and a grid of prior variances."""

    def build(columns: list[tuple[Any, ...]], largest: Any, precision: Any) -> dict[str, Any]:
        distances, sizes, std_q = zip(*columns, strict=True)
        return {"distances": distances, "sizes": sizes, "std_q": std_q, "largest_variance": largest, "precision": precision}

    block = st.tuples(nonnegatives(1e6).map(float), counts(high=10**6).map(int), positives(1e-6, 1e6).map(float))
    columns = st.lists(block, min_size=1, max_size=4)
    return st.builds(build, columns, positives(1e-3, 1e3).map(float), positives(0.1, 1e3).map(float))


def prior_scales(inputs: dict[str, Any], quantity: Any) -> Any:
    """The divergence and its price at the j of the search, one a block, which may be any whole numbers from 1."""
    formula = get("pac_bayes.gaussian_kl_blocks_grid")
    index = formula._choices(formula.forms[""], inputs)["index"].tolist()
    assert all(j >= 1 and j == int(j) for j in index)
    return reference.gaussian_kl_blocks_at_scales(index=[int(j) for j in index], **inputs)


def votes() -> st.SearchStrategy[dict[str, Any]]:
    """A Gibbs risk and a disagreement that go together."""

    def build(risk: Any, part: Fraction, rest: dict[str, Any]) -> dict[str, Any]:
        exact = rational(risk)
        return {"empirical_risk": risk, "disagreement": 2 * part * exact * (1 - exact), **rest}

    rest = st.fixed_dictionaries({"kl": nonnegatives(1e9), "n": SAMPLE_SIZES, "delta": deltas()})
    return st.builds(build, units(), between(0, 1, 1000), rest)


def trinomial(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The dual value at the a and t that the certificate names."""
    chosen = {name: rational(value) for name, value in certificate.choices.items()}
    assert min(chosen.values()) > 0
    return reference.germain2015pac_bound_2_at(**inputs, **chosen)


VOTES = {"empirical_risk": Fraction(1, 5), "disagreement": Fraction(3, 10), "kl": 2, "n": 1000, "delta": Fraction(1, 20)}
_BASE = case(EXAMPLE, empirical_risk=units(), kl=nonnegatives(), n=counts(), delta=deltas())


def moment_grid(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The inversion at the rate and the weight of the whole number that was chosen."""
    index = certificate.choices["index"]
    assert index == int(index)
    return held_out.unexpected_bernstein_at(**inputs, index=int(index))


def linear_moment_grid(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The sum at the point of its grid that was chosen."""
    index = certificate.choices["index"]
    assert index == int(index)
    return held_out.linear_unexpected_bernstein_at(**inputs, index=int(index))


SIGNED = {
    "empirical_risk": Fraction(-1, 100),
    "second_moment": Fraction(3, 100),
    "highest": 1,
    "kl": 50,
    "n": 1000,
    "delta": Fraction(1, 20),
}

CASES: dict[str, Case] = {
    "seeger2002": case(EXAMPLE, empirical_risk=units(), kl=nonnegatives(), n=SAMPLE_SIZES, delta=deltas()),
    "mcallester": case(EXAMPLE, empirical_risk=units(), kl=nonnegatives(), n=counts(), delta=deltas()),
    "monte_carlo_risk": case(
        {"sampled_risk": Fraction(3, 100), "draws": 1000, "delta": Fraction(1, 100)}, sampled_risk=units(), draws=counts(), delta=deltas()
    ),
    "monte_carlo_errors": Case(
        errors_of("pairs", 10**9, delta=deltas()), {"errors": 50, "pairs": 1000, "delta": Fraction(1, 20)}, float_tolerance=1e-9
    ),
    "gaussian_kl": Case(
        gaussians(),
        {"mean_q": (0.5, 0.25), "std_q": (0.5, 0.5), "mean_p": (0, 0), "std_p": (1, 1)},
    ),
    "gaussian_kl_blocks": Case(blocks(), {"distances": (1, 0.5), "sizes": (10, 20), "std_q": (0.5, 0.25), "std_p": (1, 1)}),
    "gaussian_log_ratio": Case(
        st.builds(
            lambda pairs, std: {"shift": tuple(a for a, _ in pairs), "noise": tuple(b for _, b in pairs), "std": std},
            st.lists(st.tuples(dyadic(), dyadic()), min_size=1, max_size=5),
            positives(1e-60, 1e60),
        ),
        {"shift": (1, 2), "noise": (0.5, -1), "std": 2},
    ),
    "data_dependent_prior": Case(
        st.builds(
            lambda rest, size, others: {**others, "n": int(rest) + size, "prior_size": size},
            SAMPLE_SIZES,
            st.integers(0, 10**6),
            st.fixed_dictionaries({"empirical_risk": units(), "kl": nonnegatives(), "delta": deltas()}),
        ),
        {**EXAMPLE, "prior_size": 400},
    ),
    "maurer2004": _BASE,
    "langford2001": _BASE,
    "mcallester1999": _BASE,
    "mcallester2003": _BASE,
    "quadratic": _BASE,
    "tolstikhin_seldin": _BASE,
    "thiemann": case(
        {**EXAMPLE, "weight": 0.75},
        empirical_risk=units(),
        kl=nonnegatives(),
        n=counts(),
        weight=st.one_of(between(Fraction(1, 10**6), 2 - Fraction(1, 10**6)), positives(1e-300, 1)),
        delta=deltas(),
    ),
    "catoni": case(
        {**EXAMPLE, "temperature": 2},
        empirical_risk=units(),
        kl=nonnegatives(1e9),
        n=counts(),
        temperature=positives(1e-9, 1e3),
        delta=deltas(),
    ),
    "catoni_grid": Case(
        st.fixed_dictionaries({"empirical_risk": units(), "kl": nonnegatives(1e9), "n": counts(), "delta": deltas()}),
        EXAMPLE,
        from_choices=temperature_grid,
    ),
    "disintegrated": case(
        {"empirical_risk": Fraction(3, 100), "log_ratio": 50, "n": 1000, "delta": Fraction(1, 20)},
        empirical_risk=units(),
        log_ratio=reals(),
        n=SAMPLE_SIZES,
        delta=deltas(),
    ),
    "gaussian_kl_grid": Case(
        one_gaussian(),
        {"mean_q": (0.5, 0.25), "std_q": (0.5, 0.5), "mean_p": (0, 0), "largest_variance": Fraction(1, 10), "precision": 100},
        from_choices=prior_scale,
    ),
    "gaussian_kl_blocks_grid": Case(
        scaled_blocks(),
        {"distances": (1, 0.5), "sizes": (10, 20), "std_q": (0.5, 0.25), "largest_variance": Fraction(1, 10), "precision": 100},
        from_choices=prior_scales,
    ),
    "majority_vote_factor_two": case({"gibbs_risk": Fraction(1, 5)}, gibbs_risk=units()),
    "c_bound": Case(
        votes()
        .map(lambda found: {"gibbs_risk": found["empirical_risk"], "disagreement": found["disagreement"]})
        .filter(lambda found: found["disagreement"] < 0.5),
        {"gibbs_risk": Fraction(1, 5), "disagreement": Fraction(3, 10)},
    ),
    "germain2015pac_bound_1": Case(votes(), VOTES, float_tolerance=1e-9),
    "germain2015pac_bound_2": Case(votes(), VOTES, from_choices=trinomial, float_tolerance=1e-9),
    "masegosa2020tandem": case(
        {"tandem_risk": Fraction(1, 20), "kl": 2, "n": 1000, "delta": Fraction(1, 20)},
        tandem_risk=units(),
        kl=nonnegatives(),
        n=SAMPLE_SIZES,
        delta=deltas(),
    ),
    "shalev_shwartz2014pac_bayes": case(EXAMPLE, empirical_risk=units(), kl=nonnegatives(), n=counts(2), delta=deltas()),
    "tolstikhin_seldin_empirical_bernstein": Case(
        st.fixed_dictionaries(
            {
                "empirical_risk": units(),
                "variance": between(0, Fraction(1, 4)),
                "kl": nonnegatives(1e9),
                "n": counts(2),
                "delta": deltas(),
            }
        ),
        {**EXAMPLE, "variance": Fraction(3, 100)},
        from_choices=rate_grids,
    ),
    "split_kl": Case(
        segments(n=SAMPLE_SIZES, delta=deltas(), kl=nonnegatives()),
        {"segment_risks": (Fraction(99, 100), Fraction(1, 100)), "gaps": (0.5, 0.5), "kl": 50, "n": 1000, "delta": Fraction(1, 20)},
    ),
    "unexpected_bernstein": Case(
        moments(n=counts(), delta=deltas(), kl=nonnegatives(1e9)), SIGNED, from_choices=moment_grid, float_tolerance=1e-9, float_below=1e-9
    ),
    "unexpected_bernstein[linear]": Case(
        moments(n=counts(), delta=deltas(), kl=nonnegatives(1e9)),
        SIGNED,
        from_choices=linear_moment_grid,
        float_tolerance=1e-9,
        float_below=1e-9,
    ),
    "wu2024recursive": Case(
        st.builds(
            lambda risks, rest: {"excess_segments": tuple(sorted(risks, key=Fraction, reverse=True)), **rest},
            st.lists(units(), min_size=3, max_size=3),
            st.fixed_dictionaries(
                {
                    "share": between(Fraction(1, 10**6), 1),
                    "previous_risk": units(),
                    "kl": nonnegatives(),
                    "n": SAMPLE_SIZES,
                    "delta": deltas(),
                }
            ),
        ),
        {
            "excess_segments": (Fraction(97, 100), Fraction(4, 100), Fraction(1, 100)),
            "share": 0.5,
            "previous_risk": Fraction(1, 10),
            "kl": 50,
            "n": 1000,
            "delta": Fraction(1, 20),
        },
        float_tolerance=1e-9,
        float_below=1e-9,
    ),
}
