"""Inputs of the Vapnik-Chervonenkis bounds and of the capacities they take."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import between, counts, deltas, nonnegatives, positives, units
from tests.reference import vc as reference

from genbounds.bounds import Certificate

EXAMPLE = {"empirical_risk": Fraction(1, 10), "n": 1000, "delta": Fraction(1, 20)}


def widths(last: st.SearchStrategy[Any], hidden: int = 5, largest: int = 2000) -> st.SearchStrategy[tuple[Any, ...]]:
    """(inputs, hidden..., last)."""
    return st.builds(lambda front, end: (*front, end), st.lists(st.integers(1, largest), min_size=1, max_size=1 + hidden), last)


def networks(fewest: int = 1, **others: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """``units`` and at least as many ``parameters``, with other inputs."""
    return st.builds(
        lambda units, more, rest: {
            "parameters": int(units) + int(more) - 1,
            "units": units,
            **rest,
            **({"layers": 1 + (int(rest["layers"]) - 1) % int(units)} if "layers" in rest else {}),
        },
        counts(fewest, 10**6),
        counts(high=10**12),
        st.fixed_dictionaries(others),
    )


def cover_grid(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The bound at the rate 2^(j/2) that was chosen, which is at most 2."""
    index = certificate.choices["index"]
    assert index == int(index) <= 2
    return reference.maurer2009cover_at(**inputs, index=int(index))


_DEVIATION = case({**EXAMPLE, "vc_dimension": 5}, empirical_risk=units(), n=counts(), vc_dimension=counts(0, 10**6), delta=deltas())
_EXACT_SUM = case({**EXAMPLE, "vc_dimension": 5}, empirical_risk=units(), n=counts(), vc_dimension=counts(0, 2000), delta=deltas())

CASES: dict[str, Case] = {
    "growth_function": case({**EXAMPLE, "log_growth": 30}, empirical_risk=units(), n=counts(), log_growth=nonnegatives(), delta=deltas()),
    "sauer": case({**EXAMPLE, "vc_dimension": 5}, empirical_risk=units(), n=counts(), vc_dimension=counts(0, 2000), delta=deltas()),
    "dimension_halfspace": case({"inputs": 10}, inputs=counts()),
    "dimension_relu_network": case({"widths": (10, 5, 1)}, widths=widths(st.just(1))),
    "dimension_relu_network[closed]": case({"widths": (10, 5, 1)}, widths=widths(st.just(1))),
    "log_growth_relu_network": case({"widths": (10, 5, 3), "n": 1000}, widths=widths(st.integers(1, 100)), n=counts()),
    "vapnik_chervonenkis1971": _EXACT_SUM,
    "vapnik_chervonenkis1971[printed]": _DEVIATION,
    "relative_deviation": _EXACT_SUM,
    "relative_deviation[printed]": _DEVIATION,
    "dimension_threshold_network": Case(networks(), {"parameters": 13, "units": 4}),
    "dimension_threshold_network[closed]": Case(networks(), {"parameters": 13, "units": 4}),
    "dimension_sigmoid_network": Case(networks(), {"parameters": 13, "units": 4}),
    "dimension_piecewise_polynomial_network": Case(
        networks(layers=counts(high=1000), pieces=counts(high=1000), degree=st.integers(0, 10)),
        {"parameters": 13, "units": 4, "layers": 2, "pieces": 2, "degree": 1},
    ),
    "baum_haussler1989_sample_size": Case(
        networks(2, epsilon=positives(1e-200, 0.125)), {"parameters": 13, "units": 4, "epsilon": Fraction(1, 10)}
    ),
    "bousquet2004introduction": _EXACT_SUM,
    "bousquet2004introduction[printed]": _DEVIATION,
    "log_growth_sauer": case({"vc_dimension": 5, "n": 1000}, vc_dimension=counts(0, 2000), n=counts()),
    "log_growth_halfspace": case({"inputs": 5, "n": 1000}, inputs=counts(1, 2000), n=counts()),
    "log_growth_threshold_network": Case(
        st.fixed_dictionaries({"unit_parameters": st.lists(st.integers(1, 300), min_size=1, max_size=6).map(tuple), "n": counts()}),
        {"unit_parameters": (3, 3, 4), "n": 1000},
    ),
    "baum_haussler1989growth": Case(networks(2, n=counts()), {"parameters": 13, "units": 4, "n": 1000}),
    "log_growth_piecewise_polynomial_network": Case(
        st.builds(
            lambda layers, rest: {"parameters": tuple(p for p, _ in layers), "breakpoints": tuple(b for _, b in layers), **rest},
            st.lists(st.tuples(counts(high=10**7), counts(high=10**6)), min_size=1, max_size=6),
            st.fixed_dictionaries({"n": counts(), "degree": counts(high=20)}),
        ),
        {"parameters": (9, 4), "breakpoints": (3, 1), "n": 1000, "degree": 1},
    ),
    "shalev_shwartz2014growth": _DEVIATION,
    "relative_deviation_growth": case(
        {**EXAMPLE, "log_growth_2n": 30}, empirical_risk=units(), n=counts(), log_growth_2n=nonnegatives(), delta=deltas()
    ),
    "realizable": case({"n": 1000, "vc_dimension": 5, "delta": Fraction(1, 20)}, n=counts(), vc_dimension=counts(0, 2000), delta=deltas()),
    "realizable[printed]": case(
        {"n": 1000, "vc_dimension": 5, "delta": Fraction(1, 20)}, n=counts(), vc_dimension=counts(0, 10**6), delta=deltas()
    ),
    "realizable_growth": case(
        {"n": 1000, "log_growth_2n": 30, "delta": Fraction(1, 20)}, n=counts(), log_growth_2n=nonnegatives(), delta=deltas()
    ),
    "maurer2009growth": case(
        {**EXAMPLE, "log_growth_2n": 30}, empirical_risk=units(), n=counts(2), log_growth_2n=nonnegatives(), delta=deltas()
    ),
    "maurer2009growth[printed]": case(
        {**EXAMPLE, "log_growth_2n": 30}, empirical_risk=units(), n=counts(2), log_growth_2n=nonnegatives(), delta=deltas()
    ),
    "maurer2009cover": Case(
        st.fixed_dictionaries(
            {
                "empirical_risk": units(),
                "variance": between(0, Fraction(1, 2)),
                "n": counts(2),
                "log_cover": nonnegatives(),
                "delta": deltas(),
            }
        ),
        {**EXAMPLE, "variance": Fraction(1, 100), "log_cover": 30},
        from_choices=cover_grid,
        float_tolerance=1e-9,
        float_below=1e-9,
    ),
    "log_cover_finite_class": case({"class_size": 1000}, class_size=counts()),
    "log_cover_convolutional": case(
        {"parameters": 500, "distance": 1, "depth": 4, "reference_norm": 1, "input_radius": 1, "lipschitz": 1, "n": 1000},
        parameters=counts(),
        distance=nonnegatives(1e3),
        depth=counts(1, 60),
        reference_norm=positives(1e-3, 1e3),
        input_radius=positives(1e-30, 1e30),
        lipschitz=nonnegatives(1e30),
        n=counts(),
    ),
}
