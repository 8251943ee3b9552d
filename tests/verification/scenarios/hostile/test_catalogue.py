"""The hostile scenarios find the assumptions that the catalogue's lists once missed, and nothing on the lists as they are."""

from __future__ import annotations

import pytest

from genbounds.bounds import Bound, catalogue, get
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption
from genbounds.verification.checks.assumptions_matter import assumptions_matter, fails_without
from genbounds.verification.checks.check import check
from genbounds.verification.checks.matching import assumptions_of, match
from genbounds.verification.checks.needless import OPEN, PROVED
from genbounds.verification.checks.rungs import EverySample
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios import names, scenario

HOSTILE = [one for one in map(scenario, names()) if one.hostile]
BY_NAME = {entry.name: entry for entry in vars(a).values() if isinstance(entry, Assumption)}

# What each list held before every choice was asked for.
IID, CLASS, LOSS01, UNIT = "iid sample", "class fixed in advance", "zero-one loss", "loss in [0, 1]"
CONVEX, LIPSCHITZ, SMOOTH, BOUNDED = "convex loss", "Lipschitz loss", "smooth loss", "bounded loss"
SGD = ("plain stochastic gradient descent", "order of examples independent of the data")
STABLE = ("uniform stability", "deterministic algorithm")
SPECTRAL = (IID, "margin loss", "Lipschitz activation", "reference fixed in advance", "data norm of the sample")
SEPARABLE = "population separable with a margin"
ONCE: dict[str, tuple[str, ...]] = {
    "holdout.realizable_finite_class": (IID, LOSS01, CLASS),
    "vc.realizable": (IID, LOSS01, CLASS),
    "margin.bartlett1998fat_shattering": (IID, "margin loss", "margin fixed in advance", "fat-shattering dimension"),
    "margin.mohri2018binary": (IID, "margin loss", "complexity of the scores on the sample"),
    "margin.mohri2018multiclass": (IID, "margin loss", "complexity of the scores"),
    "margin.mohri2018uniform": (IID, "margin loss", "complexity of the scores"),
    "margin.bartlett2017spectral": SPECTRAL,
    "margin.spectral": SPECTRAL,
    "margin.spectral_closed": SPECTRAL,
    "margin.spectral_closed_fixed_class": SPECTRAL,
    "margin.spectral_fixed_class": SPECTRAL,
    "margin.neyshabur2018pacbayes_grid": (
        *(IID, "margin loss", "1-Lipschitz activation", "no bias", "reference fixed in advance", "input radius of the population"),
    ),
    "pac_bayes.c_bound": ("binary votes",),
    "pac_bayes.majority_vote_factor_two": (LOSS01,),
    "pac_bayes.masegosa2020tandem": (IID, LOSS01, "prior independent of the sample"),
    "pac_bayes.disintegrated": (IID, UNIT, "prior independent of the sample", "one draw"),
    "pac_bayes.monte_carlo_errors": ("independent pairs", LOSS01),
    "pac_bayes.monte_carlo_risk": ("independent draws", UNIT),
    "perceptron.freund_schapire1999": ("deviation of the sequence",),
    "perceptron.hinge": ("hinge loss of the sequence",),
    "perceptron.novikoff": ("separable with a margin",),
    "perceptron.leave_one_out": (IID, SEPARABLE, "cycled to convergence"),
    "perceptron.random_iterate": (IID, SEPARABLE, "one pass"),
    "perceptron.random_iterate_mistakes": (IID, "one pass", "mistakes over samples"),
    "perceptron.vapnik1998margin": (IID, SEPARABLE, "hard-margin machine through the origin"),
    "perceptron.vapnik1998support_vectors": (IID, "support vector machine"),
    "stability.hardt2016convex": (IID, CONVEX, LIPSCHITZ, SMOOTH, *SGD),
    "stability.hardt2016decaying": (IID, BOUNDED, "strongly convex loss", LIPSCHITZ, SMOOTH, *SGD),
    "stability.hardt2016nonconvex": (IID, BOUNDED, LIPSCHITZ, SMOOTH, *SGD),
    "stability.hardt2016nonconvex_steps": (IID, BOUNDED, LIPSCHITZ, SMOOTH, *SGD),
    "stability.hardt2016strongly_convex": (IID, "strongly convex loss", LIPSCHITZ, SMOOTH, *SGD),
    "stability.bassily2020nonsmooth": (IID, CONVEX, LIPSCHITZ, *SGD),
    "stability.kuzborskij_lampert2018": (IID, UNIT, LIPSCHITZ, SMOOTH, "Lipschitz Hessian", SGD[0], "one pass"),
    "stability.bousquet_elisseeff2002": (IID, BOUNDED, *STABLE),
    "stability.bousquet_elisseeff2002leave_one_out": (IID, BOUNDED, "remove-one uniform stability at n and n - 1", STABLE[1]),
    "stability.bousquet_elisseeff2002remove": (IID, BOUNDED, "remove-one uniform stability", STABLE[1]),
    "stability.bousquet_klochkov_zhivotovskiy2020": (IID, BOUNDED, *STABLE),
    "stability.expected_gap": (IID, STABLE[0]),
    "stability.feldman_vondrak2018": (IID, UNIT, *STABLE),
    "stability.minimum_norm_interpolation": (IID, "minimum-norm interpolant", "kernel bounded on the population"),
    "stability.regularized_erm": (CONVEX, LIPSCHITZ, "strongly convex objective"),
    "stability.regularized_erm_approximate": (CONVEX, LIPSCHITZ, "approximate minimiser"),
    "stability.regularized_erm_remove": (CONVEX, LIPSCHITZ, "strongly convex objectives"),
    "stability.regularized_erm_remove_renormalized": (CONVEX, LIPSCHITZ, "strongly convex objectives"),
}

# What was added since and is found to be needed; what the issue of each bound was about comes first.
FOUND: dict[str, set[Assumption]] = {
    "holdout.realizable_finite_class": {a.NO_ERROR_ON_SAMPLE},
    "vc.realizable": {a.NO_ERROR_ON_SAMPLE},
    "margin.bartlett1998fat_shattering": {a.CLASS_FIXED_IN_ADVANCE},
    "margin.mohri2018binary": {a.CLASS_FIXED_IN_ADVANCE},
    "margin.mohri2018multiclass": {a.CLASS_FIXED_IN_ADVANCE},
    "margin.mohri2018uniform": {a.CLASS_FIXED_IN_ADVANCE},
    "margin.bartlett2017spectral": {a.NO_BIAS, a.ARCHITECTURE_FIXED_IN_ADVANCE},
    "margin.spectral": {a.NO_BIAS, a.ARCHITECTURE_FIXED_IN_ADVANCE},
    "margin.spectral_closed": {a.NO_BIAS, a.ARCHITECTURE_FIXED_IN_ADVANCE},
    "margin.spectral_closed_fixed_class": {a.NO_BIAS, a.ARCHITECTURE_FIXED_IN_ADVANCE},
    "margin.spectral_fixed_class": {a.NO_BIAS, a.ARCHITECTURE_FIXED_IN_ADVANCE},
    "margin.neyshabur2018pacbayes_grid": {a.ARCHITECTURE_FIXED_IN_ADVANCE},
    "pac_bayes.c_bound": {a.VOTES_OF_POPULATION},
    "pac_bayes.majority_vote_factor_two": {a.PLURALITY_VOTES, a.VOTES_OF_POPULATION},
    "pac_bayes.masegosa2020tandem": {a.PLURALITY_VOTES},
    "pac_bayes.disintegrated": {a.ONE_POSTERIOR},
    "pac_bayes.monte_carlo_errors": {a.ONE_POSTERIOR},
    "pac_bayes.monte_carlo_risk": {a.ONE_POSTERIOR},
    "perceptron.freund_schapire1999": {a.FIRST_WEIGHTS_ZERO},
    "perceptron.hinge": {a.FIRST_WEIGHTS_ZERO},
    "perceptron.novikoff": {a.FIRST_WEIGHTS_ZERO},
    "perceptron.leave_one_out": {a.FIRST_WEIGHTS_ZERO, a.FEATURES_FIXED_IN_ADVANCE},
    "perceptron.random_iterate": {a.FIRST_WEIGHTS_ZERO, a.FEATURES_FIXED_IN_ADVANCE, a.RANDOM_ITERATE},
    "perceptron.random_iterate_mistakes": {a.ONLINE_LOSSES, a.RANDOM_ITERATE},
    "perceptron.vapnik1998margin": {a.FEATURES_FIXED_IN_ADVANCE},
    "perceptron.vapnik1998support_vectors": {a.KERNEL_OF_MACHINE, a.EXPECTED_SUPPORT_VECTORS},
    "stability.hardt2016convex": {a.START_FIXED_IN_ADVANCE, a.STEPS_FIXED_IN_ADVANCE},
    "stability.hardt2016decaying": {a.START_FIXED_IN_ADVANCE},
    "stability.hardt2016nonconvex": {a.START_FIXED_IN_ADVANCE, a.STEPS_AT_MOST_C_OVER_T},
    "stability.hardt2016nonconvex_steps": {a.START_FIXED_IN_ADVANCE},
    "stability.hardt2016strongly_convex": {a.START_FIXED_IN_ADVANCE},
    "stability.bassily2020nonsmooth": {a.START_FIXED_IN_ADVANCE, a.STEPS_FIXED_IN_ADVANCE},
    "stability.kuzborskij_lampert2018": {
        *(a.START_FIXED_IN_ADVANCE, a.STEPS_AT_MOST_C_OVER_T),
        *(a.EXPECTED_RISK_OF_OUTPUT, a.CURVATURE_AT_START),
    },
    "stability.bousquet_elisseeff2002": {a.ALGORITHM_FIXED_IN_ADVANCE},
    "stability.bousquet_elisseeff2002leave_one_out": {a.ALGORITHM_FIXED_IN_ADVANCE},
    "stability.bousquet_elisseeff2002remove": {a.ALGORITHM_FIXED_IN_ADVANCE},
    "stability.bousquet_klochkov_zhivotovskiy2020": {a.ALGORITHM_FIXED_IN_ADVANCE},
    "stability.expected_gap": {a.ALGORITHM_FIXED_IN_ADVANCE},
    "stability.feldman_vondrak2018": {a.ALGORITHM_FIXED_IN_ADVANCE},
    "stability.minimum_norm_interpolation": {a.KERNEL_FIXED_IN_ADVANCE},
    "stability.regularized_erm": {a.OBJECTIVE_OF_AVERAGE},
    "stability.regularized_erm_approximate": {a.OBJECTIVE_OF_AVERAGE},
    "stability.regularized_erm_remove": {a.OBJECTIVE_OF_SUM},
    "stability.regularized_erm_remove_renormalized": {a.OBJECTIVE_OF_AVERAGE},
}


def bound_named(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


@pytest.mark.slow
def test_every_hostile_scenario_names_its_choice_and_what_excludes_it() -> None:
    assert len(HOSTILE) >= 96
    for one in HOSTILE:
        assert any(status == "violated" for status, _ in one.audit.values()), one.name
        assert all(how for _, how in one.audit.values()), one.name
        assert one.listed("thumbnail"), one.name
        for world in one.listed("thumbnail"):
            assert world.names() >= one.inputs, one.name
            assert set(world.truths) >= one.truths, one.name


@pytest.mark.parametrize("name", [formula.name for formula in catalogue() if isinstance(formula, Bound)])
def test_no_hostile_scenario_refutes_the_catalogue(name: str) -> None:
    bound = bound_named(name)
    for form in bound.forms:
        for one in HOSTILE:
            found = match(bound, one, form)
            finding = EverySample().look(found, "thumbnail") if found.judged else None
            assert finding is None or finding.verdict is not Verdict.REFUTED, (form, one.name, finding.evidence)


@pytest.mark.parametrize("name", list(ONCE))
def test_the_lists_as_they_were_are_refuted_by_the_choice_that_they_left_open(name: str) -> None:
    bound = bound_named(name)
    added = set(assumptions_of(bound, bound.declaration.form)) - {BY_NAME[entry] for entry in ONCE[name]}
    found: set[Assumption] = set()
    for one in HOSTILE:
        if fails_without(bound, one, [BY_NAME[entry] for entry in ONCE[name]]):
            blamed = {entry for entry in added if one.audit.get(entry, ("", ""))[0] == "violated"}
            assert blamed, f"{one.name} refutes {name} although it violates nothing that was added"
            found |= blamed
    assert found >= FOUND[name]


def test_the_homogeneous_form_was_given_the_list_of_the_other() -> None:
    spectral = bound_named("margin.spectral")
    once = [BY_NAME[entry] for entry in ONCE["margin.spectral"]]
    refuting = [one for one in HOSTILE if fails_without(spectral, one, once, form=True)]
    assert {one.hostile for one in refuting} >= {"a bias", "the activation"}
    # Its own list is what the match goes by: in a network with a reference that is not 0 this form is not judged, the other is.
    assert a.REFERENCE_ZERO in assumptions_of(spectral, True)
    assert a.REFERENCE_ZERO not in assumptions_of(spectral, False)


def test_a_hostile_trial_says_whether_the_bound_fails_there() -> None:
    (trial,) = check("hoeffding", scenarios="hostile: the hypothesis").trials
    assert trial.fails_there is True
    assert not trial.findings
    (trial,) = check("empirical_bernstein", scenarios="hostile: the divisor of the variance").trials
    assert trial.fails_there is False
    (trial,) = check("empirical_bernstein", scenarios="hostile: the sample whose variance is measured").trials
    assert trial.fails_there is True
    (trial,) = check("hoeffding", scenarios="fixed hypothesis", rungs="every sample").trials
    assert trial.fails_there is None


def test_what_is_said_of_an_assumption() -> None:
    rows = {row.assumption: row for row in assumptions_matter(bound_named("holdout.empirical_bernstein"), HOSTILE)}
    assert rows["hypothesis independent of the sample"].hurts == "yes"
    assert "where the truth is 1" in rows["hypothesis independent of the sample"].evidence
    assert rows["unbiased variance"].hurts == "yes"
    assert rows["unbiased variance"].scenario == "hostile: the sample whose variance is measured"
    queries = {row.assumption: row for row in assumptions_matter(bound_named("holdout.adaptive_reuse"), HOSTILE)}
    assert queries["number of queries fixed in advance"].hurts == "yes"
    queries = {row.assumption: row for row in assumptions_matter(bound_named("holdout.ladder"), HOSTILE)}
    assert queries["number of queries fixed in advance"].hurts == "not needed"
    assert "below delta/100" in queries["number of queries fixed in advance"].evidence


def test_a_graph_of_linear_maps_is_one_whatever_the_norm_that_is_passed() -> None:
    """Another sample's norm violates that one assumption alone, and the bound on graphs is false there."""
    rows = {row.assumption: row for row in assumptions_matter(bound_named("margin.spectral_graph"), HOSTILE)}
    assert rows["data norm of the sample"].hurts == "yes"
    assert rows["data norm of the sample"].scenario == "hostile: the sample whose norm is measured"
    assert rows["graph of Lipschitz operations"].hurts == "yes"


@pytest.mark.slow
def test_most_assumptions_of_the_catalogue_matter() -> None:
    """The dual: for each assumption of each form a world that violates it alone; where there is one, the bound is nearly always false."""
    forms = [(bound, form) for bound in catalogue() if isinstance(bound, Bound) for form in bound.forms]
    rows = [row for bound, form in forms for row in assumptions_matter(bound, HOSTILE, form=form)]
    assert sum(row.hurts == "yes" for row in rows) >= 555
    assert {(row.bound, str(row.form), row.assumption) for row in rows if row.hurts == "no world"} == set(OPEN)
    assert {(row.bound, str(row.form), row.assumption) for row in rows if row.hurts == "not needed"} == set(PROVED)
    harmless = {(row.bound, row.assumption) for row in rows if row.hurts == "no"}
    assert ("margin.norm_product", "no bias") in harmless
    assert len(harmless) <= 15
