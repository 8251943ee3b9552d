"""A capacity says what it gives and at which n; no input takes anything else, or at another n."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from tests.bounds.grouped import grouped
from tests.bounds.strategies.table import CASES

from genbounds.bounds import (
    Bound,
    Capacity,
    Certificate,
    DirectionError,
    Formula,
    Quantity,
    catalogue,
    holdout,
    margin,
    pac_bayes,
    rademacher,
    stability,
    vc,
)
from genbounds.bounds.exact import exact_or_vector

DELTA = Fraction(1, 20)
CAPACITIES = [formula for formula in catalogue() if isinstance(formula, Capacity)]
MADE = [(capacity, capacity(**CASES[capacity.name].example)) for capacity in CAPACITIES]
INPUTS = [(formula, name) for formula in catalogue() for name in formula.inputs]
GIVES = {
    "vc_dimension": "vc.dimension_halfspace vc.dimension_piecewise_polynomial_network vc.dimension_relu_network "
    "vc.dimension_sigmoid_network vc.dimension_threshold_network",
    "log_growth": "vc.baum_haussler1989growth vc.log_growth_halfspace vc.log_growth_piecewise_polynomial_network "
    "vc.log_growth_relu_network vc.log_growth_sauer vc.log_growth_threshold_network",
    "log_cover": "vc.log_cover_convolutional vc.log_cover_finite_class",
    "complexity": "rademacher.golowich2018frobenius rademacher.golowich2018rows rademacher.gonon2024path rademacher.linear_l1 "
    "rademacher.linear_l2 "
    "rademacher.massart rademacher.neyshabur2015 rademacher.two_layer rademacher.two_layer_l1 rademacher.two_layer_l1_odd "
    "rademacher.two_layer_odd",
    "fat_shattering_dimension": "margin.fat_shattering_linear",
    "kl": "pac_bayes.gaussian_kl pac_bayes.gaussian_kl_blocks pac_bayes.gaussian_kl_blocks_grid pac_bayes.gaussian_kl_grid",
    "log_ratio": "pac_bayes.gaussian_log_ratio",
    "local_fixed_point": "rademacher.local_finite_class",
    "mutual_information": "information.finite_outputs",
    "evaluated_information": "information.evaluated_by_conditional information.evaluated_by_growth",
    # what no input of the catalogue is
    "output_change": "margin.neyshabur2018output_change",
    "parameter_distance": "stability.hardt2016distance_convex stability.hardt2016distance_nonconvex "
    "stability.hardt2016distance_strongly_convex",
    "sufficient_sample_size": "vc.baum_haussler1989_sample_size",
}
"""Written down apart from the declarations."""
OF_THE_POPULATION = ("rademacher.expected_deviation", "margin.mohri2018multiclass", "margin.mohri2018uniform")


def taken(formula: Formula, name: str) -> set[str]:
    """What may stand for an input, written down apart from the declarations."""
    if name == "complexity" and formula.name in OF_THE_POPULATION:
        return {"expected_complexity"}
    return {"log_growth"} if name in ("log_cardinality", "log_growth_2n") else {name}


def read_at(formula: Formula, name: str, n: int) -> int | None:
    """The number of examples that an input must be known at, written down apart from the declarations; None for any number."""
    if (formula.name, name) == ("pac_bayes.wu2024recursive", "previous_risk"):
        return None  # the bound of an earlier step, on more examples
    if (formula.name, name) == ("pac_bayes.data_dependent_prior", "empirical_risk"):
        return n - int(CASES[formula.name].example["prior_size"])
    return 2 * n if name == "log_growth_2n" else n


@pytest.mark.parametrize("capacity", CAPACITIES, ids=lambda formula: formula.name)
def test_every_capacity_says_what_it_gives_and_at_which_n(capacity: Capacity) -> None:
    (gives,) = [word for word, names in GIVES.items() if capacity.name in names.split()]
    example = CASES[capacity.name].example
    found = capacity(**example)
    assert (found.gives, found.n) == (gives, example.get("n"))
    assert Quantity.from_dict(found.to_dict()) == found
    assert any(name == gives for _, name in INPUTS) == (gives not in ("output_change", "parameter_distance", "sufficient_sample_size"))


@pytest.mark.slow
@grouped(INPUTS)
def test_an_input_takes_what_it_is_and_nothing_else(formula: Formula, name: str) -> None:
    example = CASES[formula.name].example
    for capacity, made in MADE:
        given = replace(made, value=exact_or_vector(example[name]), kind="exact", n=None)
        if made.gives in taken(formula, name):
            formula(**{**example, name: given})
            continue
        for read in (formula, formula.estimate) if isinstance(formula, Bound) else (formula,):
            with pytest.raises(
                DirectionError, match=rf"^{name} of {formula.name} must be .*, got {capacity.name}.* gives {made.gives}: \w"
            ):
                read(**{**example, name: given})


@grouped([(f, name) for f, name in INPUTS if "n" in f.inputs])
def test_an_input_is_taken_at_the_n_of_the_bound_only(formula: Formula, name: str) -> None:
    example = CASES[formula.name].example
    n = read_at(formula, name, int(example["n"]))
    made = Quantity(exact_or_vector(example[name]), "exact", "computed there", gives=formula.wanted(name)[0], n=n)
    formula(**{**example, name: made})
    if n is None:
        assert formula(**{**example, name: replace(made, n=1)}).value == formula(**example).value
        return
    if isinstance(formula, Bound) and not formula.declaration.takes.get(name):
        plain = Quantity(exact_or_vector(example[name]), "exact", "a number of one's own")
        assert formula(**{**example, name: made}).value == formula(**{**example, name: plain}).value
    for other in (1, n + 1, 2 * n, *({int(example["n"])} - {n})):
        with pytest.raises(ValueError, match=rf"^{name} of {formula.name} must be known for the same number of examples, .*at n={other} "):
            formula(**{**example, name: replace(made, n=other)})


def test_what_gave_wrong_numbers_is_refused() -> None:
    rest: dict[str, Any] = {"empirical_risk": 0, "n": 60000, "delta": DELTA}
    with pytest.raises(ValueError, match=r"at n=10 where vc.growth_function is read at n=60000: compute it at that n$"):
        vc.growth_function(log_growth=vc.log_growth_relu_network(widths=(2, 3, 1), n=10), **rest)
    with pytest.raises(DirectionError, match="gives vc_dimension: pass a capacity that gives log_growth"):
        vc.growth_function(log_growth=vc.dimension_relu_network(widths=(2, 3, 1)), **rest)
    complexity = rademacher.linear_l2(norm=10, data_norm=100, n=10**4)
    with pytest.raises(ValueError, match=r"at n=10000 where rademacher.uniform_deviation is read at n=100:"):
        rademacher.uniform_deviation(empirical_risk=0, complexity=complexity, n=100, delta=DELTA)
    with pytest.raises(DirectionError, match=r"complexity of rademacher.expected_deviation must be a bound on the expected complexity"):
        rademacher.expected_deviation(empirical_risk=0, complexity=complexity, n=10**4, delta=DELTA)
    right = vc.growth_function(log_growth=vc.log_growth_relu_network(widths=(2, 3, 1), n=60000), **rest)
    assert round(right.value, 12) == 0.095635063560
    assert vc.growth_function(log_growth=Quantity(246.5, "upper", "of my own"), **rest).value == pytest.approx(right.value, rel=1e-3)


@pytest.mark.parametrize(
    "made",
    [
        rademacher.kernel_exact(kernel=[[1, 0], [0, 1]], norm=1),
        rademacher.kernel_lower(kernel=[[1, 0], [0, 1]], norm=1),
        rademacher.kernel_monte_carlo(kernel=[[1, 0], [0, 1]], norm=1, signs=[[1, 1]], delta=DELTA / 5),
        rademacher.linear_l1_exact(data=[[1, 0], [0, 1]], norm=1),
        rademacher.linear_l1_monte_carlo(data=[[1, 0], [0, 1]], norm=1, signs=[[1, 1]], delta=DELTA / 5),
    ],
    ids=lambda made: made.how,
)
def test_complexities_from_the_sample_itself_say_their_n(made: Quantity) -> None:
    assert (made.gives, made.n) == ("complexity", 2)
    upper = replace(made, kind="upper")
    rademacher.uniform_deviation(empirical_risk=0, complexity=upper, n=2, delta=DELTA)
    with pytest.raises(ValueError, match="at n=2 where"):
        rademacher.uniform_deviation(empirical_risk=0, complexity=upper, n=3, delta=DELTA)


def test_a_kl_of_low_rank_is_a_kl() -> None:
    made = pac_bayes.gaussian_kl_low_rank(mean_q=[0.0], variance_q=[1.0], factors=[[1.0]], mean_p=[0.0], std_p=1.0)
    assert made.gives == "kl"
    with pytest.raises(DirectionError, match="gives kl"):
        pac_bayes.disintegrated(empirical_risk=0, log_ratio=made, n=100, delta=DELTA)


def test_chains_of_capacities_check_their_n_too() -> None:
    growth = vc.log_growth_sauer(vc_dimension=vc.dimension_halfspace(inputs=2), n=100)
    assert growth.n == 100
    assert rademacher.massart(log_cardinality=growth, radius=5, n=100).n == 100
    with pytest.raises(ValueError, match=r"at n=100 where rademacher.massart is read at n=50"):
        rademacher.massart(log_cardinality=growth, radius=5, n=50)
    margin.bartlett1998fat_shattering(
        margin_risk=0, fat_shattering_dimension=margin.fat_shattering_linear(norm=1, radius=1, scale=1), n=10**4, delta=DELTA
    )


# --- certificates as quantities ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [f for f in catalogue() if isinstance(f, Bound)], ids=lambda formula: formula.name)
def test_a_certificate_as_a_quantity_says_what_it_bounds_and_at_which_n(bound: Bound) -> None:
    example = CASES[bound.name].example
    found = bound(**example)
    made = found.as_quantity()
    assert (made.gives, made.n) == (found.bounds_on, example.get("n"))
    assert Certificate.from_dict(found.to_dict()).as_quantity().to_dict() == made.to_dict()
    assert Quantity.from_dict(made.to_dict()) == made


def test_a_quantity_made_of_a_certificate_is_refused_where_the_certificate_is() -> None:
    risk = holdout.hoeffding(empirical_risk=0, n=100, delta=DELTA).as_quantity()
    with pytest.raises(DirectionError, match=r"must be a bound on the empirical Gibbs risk, got a certificate of holdout.hoeffding, which"):
        pac_bayes.seeger2002(empirical_risk=risk, kl=1, n=100, delta=DELTA)
    with pytest.raises(DirectionError, match="must be a number or a Quantity"):
        vc.growth_function(empirical_risk=0, log_growth=risk, n=100, delta=DELTA)
    beta = stability.regularized_erm(lipschitz=1, strong_convexity=1, n=1000).as_quantity()
    assert stability.bousquet_elisseeff2002(empirical_risk=0, stability=beta, n=1000, delta=DELTA).value < 0.3
    with pytest.raises(ValueError, match="at n=1000 where"):
        stability.bousquet_elisseeff2002(empirical_risk=0, stability=beta, n=100, delta=DELTA)


def test_certificates_keep_in_json_what_their_inputs_give() -> None:
    found = vc.growth_function(empirical_risk=0, n=100, log_growth=vc.log_growth_sauer(vc_dimension=3, n=100), delta=DELTA)
    again = Certificate.from_dict(found.to_dict())
    entry = again.inputs["log_growth"]
    assert isinstance(entry, Quantity)
    assert (entry.gives, entry.n) == ("log_growth", 100)
    assert again == found
    assert vc.growth_function(**again.inputs) == found
    with pytest.raises(ValueError, match="at n=100 where"):
        vc.growth_function(**{**again.inputs, "n": 1000})


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "10"])
def test_an_n_that_counts_nothing_is_refused(n: Any) -> None:
    with pytest.raises(ValueError, match="n must be a whole number of at least 1"):
        Quantity(1, "upper", "computed", n=n)


# --- sample sizes ------------------------------------------------------------------------------------------------------------------------


def test_a_sample_size_recomputes_what_depends_on_n_or_refuses() -> None:
    inputs: dict[str, Any] = {"target": Fraction(1, 10), "empirical_risk": 0, "delta": DELTA}
    growth = partial(vc.log_growth_relu_network, widths=(2, 3, 1))
    with pytest.raises(
        ValueError, match=r"^log_growth must be given for every n to invert vc.growth_function in n, got .* at n=10 alone: "
    ):
        vc.growth_function.sample_size(log_growth=growth(n=10), **inputs)
    found = vc.growth_function.sample_size(log_growth=growth, **inputs)
    assert found == vc.growth_function.sample_size(log_growth=lambda n: growth(n=n), **inputs)
    values = [vc.growth_function(empirical_risk=0, n=n, log_growth=growth(n=n), delta=DELTA).value for n in (found - 1, found)]
    assert values[0] > 0.1 >= values[1]


@pytest.mark.parametrize("capacity", [c for c in CAPACITIES if "n" in c.inputs], ids=lambda formula: formula.name)
def test_no_capacity_is_frozen_at_one_n(capacity: Capacity) -> None:
    """Every capacity of an n in every bound that can be inverted in n and takes it: refused as a number of one n, taken when bound."""
    example = dict(CASES[capacity.name].example)
    n = int(example.pop("n"))
    found = 0
    for formula, name in INPUTS:
        if (
            not isinstance(formula, Bound)
            or capacity.declaration.gives not in taken(formula, name)
            or "n" not in formula.declaration.decreasing
        ):
            continue
        rest = {**CASES[formula.name].example, name: partial(capacity, **example)}
        del rest["n"]
        with pytest.raises(ValueError, match=f"^{name} must be given for every n"):
            formula.sample_size(target=100, **{**rest, name: capacity(**example, n=n)})
        needed = formula.sample_size(target=100, **rest)
        assert formula(**{**rest, name: capacity(**example, n=read_at(formula, name, needed))}, n=needed).value <= 100
        found += 1
    # An information of a single pair goes into bounds that have no n of their own.
    assert found or capacity.declaration.gives == "evaluated_information"


@pytest.mark.parametrize(
    "dimension",
    [
        vc.dimension_sigmoid_network(parameters=7, units=3),
        vc.dimension_piecewise_polynomial_network(parameters=4, layers=2, units=2, pieces=1, degree=2),
        vc.dimension_relu_network(widths=(2, 3, 1), form="closed"),
        vc.dimension_threshold_network(parameters=13, units=4, form="closed"),
    ],
)
@pytest.mark.parametrize("name", ["sauer", "vapnik_chervonenkis1971", "relative_deviation", "log_growth_sauer"])
def test_a_dimension_that_is_bounded_by_no_whole_number_enters_by_its_whole_part(dimension: Quantity, name: str) -> None:
    formula = getattr(vc, name)
    some: dict[str, Any] = {"empirical_risk": 0, "n": 5000, "delta": Fraction(1, 20)}
    given = {key: value for key, value in some.items() if key in formula.inputs}
    assert float(dimension) != int(float(dimension))
    by_capacity, by_hand = formula(**given, vc_dimension=dimension), formula(**given, vc_dimension=int(float(dimension)))
    assert by_capacity.value == by_hand.value
    # A number of one's own that is not a count is still refused: it may be a mistake.
    with pytest.raises(ValueError, match="vc_dimension must be a whole number"):
        formula(**given, vc_dimension=9.5)
