"""certify: values against formulas written out, statuses, and what does not apply."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from tests.models.certified_networks import DELTA, Attention, convolutional, data, fit, mlp
from torch import nn

from genbounds.bounds import Bound, DirectionError, Quantity, catalogue, get
from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    HOMOGENEOUS_ACTIVATION,
    HOMOGENEOUS_LIPSCHITZ_ACTIVATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    MARGIN_LOSS,
    NO_BIAS,
    NO_ERROR_ON_SAMPLE,
    REFERENCE_FIXED_IN_ADVANCE,
    REFERENCE_ZERO,
)
from genbounds.models import certify, certify_predictions, certify_summary
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.certifying.common_examples import SeenInputs
from genbounds.models.certifying.number_to_cite import RACE
from genbounds.models.measuring.held_out_errors import held_out_errors
from genbounds.models.measuring.summary import summarize

# --- values --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_held_out_rows_are_the_textbook_values() -> None:
    model, (x, y) = fit(mlp(), *data()), data(150, seed=1)
    errors = int((model(x).argmax(1) != y).sum())
    table = certify(model, data(), held_out=(x, y))
    assert table["holdout.clopper_pearson"].value == pytest.approx(scipy.stats.beta.ppf(0.95, errors + 1, 150 - errors), rel=1e-12)
    assert table["holdout.hoeffding"].value == pytest.approx(errors / 150 + math.sqrt(math.log(20) / 300), rel=1e-12)
    variance = np.var([1.0] * errors + [0.0] * (150 - errors), ddof=1)
    wanted = errors / 150 + math.sqrt(2 * variance * math.log(40) / 150) + 7 * math.log(40) / (3 * 149)
    assert table["holdout.empirical_bernstein"].value == pytest.approx(wanted, rel=1e-12)
    assert table["holdout.clopper_pearson"].value <= table["holdout.chernoff_kl"].value <= table["holdout.hoeffding"].value


@pytest.mark.slow
def test_with_held_out_examples_the_number_to_cite_is_one_row_at_the_whole_of_delta() -> None:
    """Clopper-Pearson, the quantile of the beta distribution: the same whatever else is known of the network."""
    init = mlp()
    model = fit(copy.deepcopy(init), *data())
    x, y = data(150, seed=1)
    errors = int((model(x).argmax(1) != y).sum())
    wanted = scipy.stats.beta.ppf(0.95, errors + 1, 150 - errors)
    for known in ({}, {"initial": init}, {"initial": init, "input_radius": 100}):
        table = certify(model, data(), held_out=(x, y), **known)
        assert table.best is not None
        assert table.best.value == pytest.approx(wanted, rel=1e-12)
        assert (table.best.bound, table.best.delta) == ("holdout.clopper_pearson", DELTA)
        assert table.best.note == "held out; at the whole of delta"
        assert [row.value for row in table.rows] == sorted(row.value for row in table.rows)
    alone = certify_predictions(model(x), y)
    assert alone.best is not None
    assert alone.best.value == table.best.value


@pytest.mark.slow
def test_without_held_out_examples_what_else_is_known_takes_nothing_from_the_other_bounds() -> None:
    """Each bound has its fixed share, so that the smallest of more bounds is no larger."""
    init = mlp(1)
    x, y = data(300, classes=2)
    model = fit(copy.deepcopy(init), x, y, 300)
    less, more = certify(model, (x, 2 * y - 1)), certify(model, (x, 2 * y - 1), initial=init, input_radius=100)
    assert less.best is not None
    assert more.best is not None
    assert more.best.value <= less.best.value
    entered = sum(RACE.values())
    assert f"each at delta/{entered}" in less.rule
    assert less.best.inputs["delta"] == DELTA / entered
    assert more.best.delta is not None
    assert more.best.delta <= DELTA


@pytest.mark.slow
def test_parts_of_delta_by_the_user() -> None:
    model, held = fit(mlp(), *data()), data(150, seed=1)
    table = certify(model, data(), held_out=held, weights={"holdout.clopper_pearson": "0.9", "margin.spectral": "0.1"})
    assert table.best is not None
    errors = int((model(held[0]).argmax(1) != held[1]).sum())
    assert table.best.value == pytest.approx(scipy.stats.beta.ppf(1 - 0.045, errors + 1, 150 - errors), rel=1e-12)
    assert table.best.delta == DELTA * Fraction(19, 20)  # one reference of two
    for wrong in ({"holdout.hoeffding": 1}, {"margin.spectral": 2}, {"margin.spectral": 0}, {}):
        with pytest.raises(ValueError, match="weights must be"):
            certify(model, data(), weights=wrong)


@pytest.mark.slow
def test_the_norm_product_row_is_the_formula_at_its_margin() -> None:
    """Written out for two layers without biases and logits, at the margin on the certificate; no other margin of the sample is better."""
    model, (x, y) = fit(mlp(), *data()), data()
    row = certify(model, (x, y))["margin.norm_product"]
    frobenius = math.prod(float(layer.weight.detach().norm()) for layer in (model[0], model[2]))  # type: ignore[index]
    f = model(x).detach()
    rest = f.masked_fill(nn.functional.one_hot(y, 3).bool(), -math.inf).amax(1)
    margins = (f[torch.arange(200), y] - rest).numpy()

    def value(margin: float) -> float:
        level = max(0, math.ceil(math.log2(frobenius / margin) - 1e-12))
        factor = 1 + math.sqrt(2 * math.log(2))
        rho = 2**level * 2 * math.sqrt(3) * math.sqrt(factor**2 + 1) * float(x.norm()) / 200
        return (margins <= margin).mean() + 2 * rho + 2 * math.sqrt((math.log(20) + math.log((level + 1) * (level + 2))) / 400)

    assert row.value == pytest.approx(value(float(row.inputs["margin"])), rel=1e-9)  # type: ignore[arg-type]
    tried = [value(margin * factor) for margin in margins if margin > 0 for factor in (1.0, 1 - 1e-12)]
    assert row.value <= min(tried) * (1 + 1e-9)


@pytest.mark.slow
def test_scalar_networks_get_the_bounds_by_dimension() -> None:
    x, y = data(300, classes=2)
    model = fit(mlp(1, bias=True), x, y, 300)
    table = certify(model, (x, 2 * y - 1))
    errors = int(((model(x)[:, 0] > 0).long() != y).sum())
    dimension = get("vc.dimension_relu_network")(widths=(4, 8, 1)).value  # type: ignore[operator]
    sauer = table["vc.sauer"]
    assert sauer.inputs["vc_dimension"].value == dimension  # type: ignore[union-attr]
    total = sum(math.comb(300, i) for i in range(min(int(dimension), 300) + 1))
    wanted = errors / 300 + math.sqrt(2 * math.log(total) / 300) + math.sqrt(math.log(20) / 600)
    assert sauer.value == pytest.approx(wanted, rel=1e-12)
    assert table["vc.relative_deviation"].value > 0
    assert table["vc.growth_function"].value <= sauer.value * (1 + 1e-12)
    applicable = "vc.realizable" not in dict(table.not_applicable)
    assert applicable == (errors == 0)
    assert table["vc.relative_deviation_growth"].value <= table["vc.relative_deviation"].value * (1 + 1e-12)


@pytest.mark.slow
def test_networks_of_several_classes_get_the_bounds_by_growth_at_twice_the_sample() -> None:
    """Four classes, n = 300: the growth function of the loss vectors is that of the architecture at 600, capped by 600 ln 2."""
    x, y = data(300, classes=4)
    model = fit(mlp(4, bias=True), x, y, 300)
    table = certify(model, (x, y))
    row = table["vc.relative_deviation_growth"]
    growth = get("vc.log_growth_relu_network")(widths=(4, 8, 4), n=600).value  # type: ignore[operator]
    assert row.inputs["log_growth_2n"].value == growth  # type: ignore[union-attr]
    risk, scale = float(row.inputs["empirical_risk"].value), 4 * (growth + math.log(80)) / 300  # type: ignore[union-attr, arg-type]
    root = (math.sqrt(scale) + math.sqrt(scale + 4 * risk)) / 2  # of R <= risk + sqrt(scale R)
    assert row.value == pytest.approx(root**2, rel=1e-12)
    assert "VC dimensions" in dict(table.not_applicable)["vc.relative_deviation"]


@pytest.mark.slow
def test_a_share_does_not_depend_on_what_became_of_the_other_rows() -> None:
    """Rows that the sample rules out, by errors or by a violated assumption, could have won: their share is not free."""
    x, y = data(100, classes=2)
    right = fit(mlp(1), x, y, 400)
    flipped = torch.cat([1 - y[:5], y[5:]])
    tables = [
        certify(right, signs((x, y))),
        certify(right, signs((x, flipped))),
        certify(right, signs((x, y)), audit={NO_ERROR_ON_SAMPLE: ("violated", "said so")}),
    ]
    assert "vc.realizable" in {row.bound for row in tables[0].rows}
    assert all("training errors" in dict(tables[1].not_applicable)[name] for name in ("vc.realizable", "vc.realizable_growth"))
    assert {row.bound for row in tables[2].rows if row.violated} == {"vc.realizable", "vc.realizable_growth"}
    levels = {table.best.inputs["delta"] for table in tables if table.best is not None}
    assert levels == {DELTA / sum(RACE.values())}


def signs(drawn: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Classes 0 and 1 as signs."""
    return drawn[0], 2 * drawn[1] - 1


@pytest.mark.slow
def test_the_overshadowed_never_win() -> None:
    """What is left out of the union is never smaller, over a table of cases."""
    for n in (10, 100, 10**4, 10**6):
        for d in (1, 5, 50, 500):
            for delta in (0.5, 0.05, 1e-6):
                for risk in (0.0, 0.1, 0.9):
                    inputs: dict[str, Any] = {"empirical_risk": risk, "n": n, "vc_dimension": d, "delta": delta}
                    sauer = get("vc.sauer").value(**inputs)  # type: ignore[attr-defined]
                    for name in ("vc.vapnik_chervonenkis1971", "vc.bousquet2004introduction", "vc.shalev_shwartz2014growth"):
                        assert get(name).value(**inputs) >= sauer, (name, inputs)  # type: ignore[attr-defined]
    layers: dict[str, Any] = {"spectral_norms": (2, 1.5), "distances_2_1": (3, 1), "lipschitz": (1, 1), "widths": (10, 20, 3), "outputs": 3}
    for n in (10**2, 10**5, 10**8, 10**12):
        for margin in (0.01, 1, 30):
            inputs = {"margin_risk": 0.1, "margin": margin, "data_norm": n**0.5, "n": n, "delta": 0.05, **layers}
            assert get("margin.spectral_closed").value(**inputs) >= get("margin.spectral").value(**inputs)  # type: ignore[attr-defined]
    for n in (2, 10, 1000):
        for errors in {0, 1, n // 3, n}:
            given = {"empirical_risk": errors / n, "n": n, "delta": 0.05}
            exact = get("holdout.clopper_pearson").value(errors=errors, n=n, delta=0.05)  # type: ignore[attr-defined]
            variance = errors * (n - errors) / (n * (n - 1))
            assert get("holdout.chernoff_kl").value(**given) >= exact * (1 - 1e-9)  # type: ignore[attr-defined]
            assert get("holdout.empirical_bernstein").value(**given, variance=variance) >= exact * (1 - 1e-9)  # type: ignore[attr-defined]


# --- statuses ------------------------------------------------------------------------------------------------------------------------


def _statuses(table: CertificateTable, name: str) -> dict[str, tuple[str, str]]:
    return {entry.assumption.name: (entry.status, entry.how) for entry in table[name].assumptions}


@pytest.mark.slow
def test_statuses_say_what_was_checked_and_what_is_declared() -> None:
    init = mlp(bias=True)
    model = fit(copy.deepcopy(init), *data())
    table = certify(model, data(), initial=init)
    product = _statuses(table, "margin.norm_product")
    assert product[HOMOGENEOUS_ACTIVATION.name] == ("checked", "activations: relu")
    assert product[NO_BIAS.name][0] == "by construction"
    assert "augmented" in product[NO_BIAS.name][1]
    assert product[IID_SAMPLE.name][0] == "declared"
    assert product[MARGIN_LOSS.name][0] == "by construction"
    rows = {row.note: {e.assumption: e.status for e in row.assumptions} for row in table.rows if row.bound == "margin.spectral"}
    assert rows["reference: initialisation"][REFERENCE_FIXED_IN_ADVANCE] == "declared"
    rescaled = rows["reference: zero, layers rescaled"]
    assert rescaled[REFERENCE_ZERO] == "by construction"
    assert rescaled[HOMOGENEOUS_LIPSCHITZ_ACTIVATION] == "checked"
    assert rescaled[ARCHITECTURE_FIXED_IN_ADVANCE] == "declared"
    assert REFERENCE_FIXED_IN_ADVANCE not in rescaled
    assert _statuses(table, "vc.growth_function")[CLASS_FIXED_IN_ADVANCE.name][0] == "declared"
    plain = certify(mlp(), data())
    assert _statuses(plain, "margin.norm_product")[NO_BIAS.name] == ("checked", "no layer has one")


@pytest.mark.slow
def test_the_users_audit_and_violated_assumptions() -> None:
    model = fit(mlp(), *data())
    drawn = certify(model, data(), audit={IID_SAMPLE: ("by construction", "drawn from a generator")})
    assert _statuses(drawn, "vc.growth_function")[IID_SAMPLE.name] == ("by construction", "drawn from a generator")
    broken = certify(model, data(), held_out=data(seed=3), audit={CLASS_FIXED_IN_ADVANCE: ("violated", "searched on this sample")})
    assert broken["vc.growth_function"].violated
    assert "violated" in broken.summary()
    assert broken.best is not None
    assert broken.best.bound == "holdout.clopper_pearson"
    nothing = certify(model, data(), audit={IID_SAMPLE: ("violated", "augmented images")})
    assert nothing.best is None
    assert "no certificate applies" in nothing.summary()
    with pytest.raises(ValueError, match="status must be one of"):
        certify(model, data(), audit={IID_SAMPLE: ("known", "it is")})  # type: ignore[dict-item]


@pytest.mark.slow
def test_held_out_inputs_of_the_training_sample_count_as_errors_and_may_be_explained() -> None:
    """At any precision, in batches or whole; the user may know that the draws are independent all the same."""
    (x, y), (fresh, labels) = data(), data(150, seed=1)
    model = fit(mlp(), x, y)
    mixed = torch.cat([fresh, x[5:8]]), torch.cat([labels, y[5:8]])
    batched = [(mixed[0][:100].clone(), mixed[1][:100]), (mixed[0][100:], mixed[1][100:])]
    errors = int((model(fresh).argmax(1) != labels).sum())
    for held_out in (mixed, batched, iter(batched), (mixed[0].double(), mixed[1]), (mixed[0].numpy(), mixed[1].numpy())):
        table = certify(model, [(x[:20], y[:20]), (x[20:], y[20:])], held_out=held_out)
        row = table["holdout.clopper_pearson"]
        assert row.value == pytest.approx(scipy.stats.beta.ppf(0.95, errors + 4, 150 - errors), rel=1e-12)
        assert _statuses(table, row.bound)[HYPOTHESIS_INDEPENDENT_OF_SAMPLE.name][1].startswith(
            "3 of 153 held-out inputs are training inputs"
        )
        assert table.best is not None
        assert table.best.value == row.value
        assert dict(table.facts)["held-out inputs that are training inputs, counted as errors"] == "3 of 153"
        assert "holdout.empirical_bernstein" in dict(table.not_applicable)
    declared = {HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("by construction", "independent draws with replacement from a pool")}
    fine = certify(model, (x, y), held_out=mixed, audit=declared)  # type: ignore[arg-type]
    right = int((model(x[5:8]).argmax(1) != y[5:8]).sum())
    assert fine["holdout.clopper_pearson"].inputs["errors"] == errors + right
    assert certify(model, (x, y), held_out=(fresh, labels))["holdout.clopper_pearson"].inputs["errors"] == errors
    assert certify(model, (x, y), held_out=(x, y))["holdout.clopper_pearson"].value == 1


def test_the_same_rows_in_half_precision_are_found() -> None:
    (x, y) = data(20)
    seen = SeenInputs()
    for _ in seen.training([(x, y)]):
        pass
    kept = list(seen.held_out([(x[:5].half(), y[:5]), (x[5:6].bfloat16(), y[5:6]), (x[6:9] + 1, y[6:9])], keep=False))
    assert (seen.common, seen.judged) == (6, 9)
    assert torch.equal(kept[0][0], x[6:9] + 1)


@pytest.mark.slow
def test_a_network_that_cannot_be_read_still_has_its_held_out_rows() -> None:
    """Exponential units are refused as a graph; the number to cite needs its predictions alone, and the reason stands for the rest."""

    class Exponential(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.out = nn.Linear(4, 5), nn.Linear(5, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.out(torch.exp(self.first(x)))

    torch.manual_seed(0)
    model, (x, y) = Exponential().double(), data(150, seed=1)
    before = copy.deepcopy(model.state_dict())
    table = certify(model, data(), held_out=(torch.cat([x, data()[0][:2]]), torch.cat([y, data()[1][:2]])))
    errors = int((model.eval()(x).argmax(1) != y).sum())
    assert table.best is not None
    assert table.best.value == pytest.approx(scipy.stats.beta.ppf(0.95, errors + 3, 150 - errors), rel=1e-12)
    ((_, reason),) = table.not_applicable
    assert "could not be read" in reason
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    with pytest.raises(ValueError, match="exp has no finite"):
        certify(model, data())

    readable = fit(mlp(), *data())
    for wrong in ({"input_radius": 1e-3}, {"initial": nn.Linear(3, 3)}, {"counts": [1]}):  # no fault of the network: said, not hidden
        with pytest.raises(ValueError, match=r"input_radius|initial|counts"):
            certify(readable, data(), held_out=(x, y), **wrong)

    class Company(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.out = nn.LSTM(4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.out(x)[0]  # the examples of a batch are taken for the steps of one sequence

    with pytest.raises(ValueError, match="each example by itself"):
        certify(Company().double(), data(), held_out=(x, y))


@pytest.mark.slow
def test_words_round_upper_bounds_up_and_conditions_down() -> None:
    """A Lipschitz constant just above 1 is not printed as 1, and an input just above the printed radius is not promised anything."""
    steep = nn.Sequential(nn.Linear(4, 3, bias=False), nn.LeakyReLU(1.0000004), nn.Linear(3, 2, bias=False)).double()
    _, how = _statuses(certify(steep, data(classes=2)), "margin.spectral")[HOMOGENEOUS_LIPSCHITZ_ACTIVATION.name]
    assert float(how.partition("at most ")[2].split()[0]) >= 1.0000004
    x, y = data()
    radius = float(x.norm(dim=1).max()) + 1e-7
    torch.manual_seed(3)
    bare = Attention().double()
    bare.norm = nn.Identity()  # type: ignore[assignment]  # only then does the bound depend on the radius
    shown = summarize(bare, x, y, input_radius=radius).lipschitz_upper
    _, found, words = shown.how.partition("on inputs of norm at most ")
    assert found
    assert radius * (1 - 1e-5) <= float(words.split()[0]) <= radius


@pytest.mark.slow
def test_every_bound_has_a_row_or_a_reason() -> None:
    for held_out in (None, data(seed=4)):
        table = certify(fit(mlp(), *data()), data(), held_out=held_out)
        rows, reasons = {row.bound for row in table.rows}, dict(table.not_applicable)
        assert not rows & set(reasons)
        assert rows | set(reasons) == {formula.name for formula in catalogue() if isinstance(formula, Bound)}
        assert all(reasons.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "bound", "reason"),
    [
        (lambda: mlp(bias=True, activation=nn.Tanh), "margin.spectral", "biases can be absorbed"),
        (lambda: mlp(activation=nn.Sigmoid), "margin.spectral", "sigmoid does not map 0 to 0"),
        (lambda: mlp(activation=nn.Tanh), "margin.norm_product", "tanh is not elementwise and positively homogeneous"),
        (lambda: mlp(activation=nn.Tanh), "vc.growth_function", "not their growth function"),
        (lambda: mlp(activation=nn.ELU), "vc.growth_function", "elu"),
        (lambda: mlp(), "vc.sauer", "3 classes"),
        (lambda: mlp(), "holdout.hoeffding", "pass held_out"),
        (lambda: mlp(), "pac_bayes.seeger2002", "posterior"),
        (lambda: mlp(), "margin.neyshabur2018pacbayes_grid", "pass input_radius"),
    ],
)
def test_reasons(make: Callable[[], nn.Module], bound: str, reason: str) -> None:
    table = certify(make(), data())
    assert reason in dict(table.not_applicable)[bound]
    with pytest.raises(KeyError, match="is not in the table"):
        table[bound]


@pytest.mark.slow
def test_sigmoid_networks_with_one_output_have_a_dimension() -> None:
    x, y = data(classes=2)
    table = certify(mlp(1, bias=True, activation=nn.Sigmoid), (x, 2 * y - 1))
    wanted = get("vc.dimension_sigmoid_network")(parameters=4 * 8 + 8 + 8 + 1, units=9)  # type: ignore[operator]
    assert table["vc.sauer"].inputs["vc_dimension"].value == math.floor(wanted.value)  # type: ignore[union-attr]


# --- estimates, users' state, bad input ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_estimate_reaches_no_certificate() -> None:
    """Power iteration in place of a certified norm: the bound refuses it by name, and the table says so."""
    model = mlp()
    summary = summarize(model, *data())
    weight, vector = model[0].weight.detach(), torch.ones(4, dtype=torch.float64)  # type: ignore[union-attr,operator]
    for _ in range(20):
        vector = weight.T @ (weight @ vector)
        vector /= vector.norm()
    norms = Quantity((float((weight @ vector).norm()), 1.0), "estimate", "power iteration")
    fake = dataclasses.replace(summary, spectral_norms=norms)
    table = certify_summary(fake)
    assert "power iteration" in dict(table.not_applicable)["margin.spectral"]
    inputs = {"margin_risk": 0, "margin": 1, "distances_2_1": summary.norms_2_1, "lipschitz": (1, 1), "widths": (4, 8, 3), "outputs": 3}
    with pytest.raises(DirectionError, match="power iteration"):
        get("margin.spectral")(**inputs, spectral_norms=norms, data_norm=1, n=200, delta=DELTA)  # type: ignore[operator]


@pytest.mark.slow
def test_nothing_of_the_users_changes() -> None:
    model = convolutional()
    torch.manual_seed(0)
    start = convolutional()
    model.train()
    model(data()[0].float()).sum().backward()
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    gradients = [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]
    torch.manual_seed(11)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    certify(model, data(), initial=start, held_out=data(seed=2))
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002
    assert all(module.training and not module._forward_hooks for module in model.modules())
    assert all(torch.equal(tensor, state[name]) and tensor.dtype == state[name].dtype for name, tensor in model.state_dict().items())
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), gradients, strict=True))  # type: ignore[arg-type]


def test_bad_input() -> None:
    model, (x, y) = mlp(), data()
    broken = mlp()
    with torch.no_grad():
        broken[0].weight[0, 0] = float("nan")  # type: ignore[index,union-attr,operator]
    summary = summarize(model, x, y)
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: certify(broken, (x, y)), "NaN"),
        (lambda: certify(model, (x, y + 3)), "labels must lie in 0, ..., 2"),
        (lambda: certify(model, []), "at least one batch"),
        (lambda: certify(model, (x, y, y)), "tuple of 3"),
        (lambda: certify(model, None), "train must be"),
        (lambda: certify(model, (x, y), held_out=()), "held_out must be"),
        (lambda: certify(model, (x, y), delta=5), r"delta must lie in \(0, 1\)"),
        (lambda: certify(model, (x, y), delta=0), r"delta must lie in \(0, 1\)"),
        (lambda: certify(model, (x, y), initial=mlp(bias=True)), "initial"),
        (lambda: certify(model, (x, y), input_radius=0.1), "too small"),
        (lambda: certify_summary(summary, held_out=(5, 3)), "held_out must be"),
        (lambda: certify_summary(summary, held_out=(0, 0)), "held_out must be"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match=r"torch\.nn\.Module"):
        certify(summary, (x, y))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="summary must be the model's own"):
        held_out_errors(nn.Linear(4, 3), summary, x, y)


# --- extremes ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("scale", [0.0, 1e-150, 1e60, 1e150])
def test_extreme_weights_give_a_table(scale: float) -> None:
    """Zero weights, and norms whose products leave the doubles: rows or reasons, and no row below the share of errors."""
    model, (x, y) = mlp(), data()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    table = certify(model, (x, y), held_out=data(seed=2), input_radius=100)
    assert table.best is not None
    errors = float((model(x).argmax(1) != y).double().mean()) if scale else 1.0
    assert all(row.value >= errors for row in table.rows if not row.bound.startswith("holdout"))


def test_norms_that_underflow_stay_upper_bounds() -> None:
    """A product of norms of 1e-400 is not a double: the Lipschitz bound must not be 0, and no margin of this size counts as correct."""
    model, (x, y) = mlp(bias=True), data()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1e-200)
    summary = summarize(model, x, y)
    assert summary.lipschitz_upper is not None
    assert float(summary.lipschitz_upper) > 0
    assert summary.errors == 200
    assert summary.covers is not None
    assert all(value > 0 for name in ("norms_2_1", "output_lipschitz") for value in getattr(summary.covers, name).value)
