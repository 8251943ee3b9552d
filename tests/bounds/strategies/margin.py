"""Inputs of the margin bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import between, counts, deltas, nonnegatives, positives, units
from tests.reference import margin as reference

from genbounds.bounds import Certificate

# Powers of two and their neighbours: the grids are there.
MARGINS = st.one_of(
    positives(1e-9, 1e9), st.sampled_from((0.25, 1, 1 - 2.0**-53, 1 + 2.0**-52, Fraction(10**30 - 1, 10**30), Fraction(10**30 + 1, 10**30)))
)
NORMS = st.one_of(positives(1e-6, 1e6), st.sampled_from((1, 1 + 2.0**-52, Fraction(10**30 + 1, 10**30), Fraction(1, 3), Fraction(2, 3))))


def layered(margins: st.SearchStrategy[Any] = MARGINS, samples: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Networks of one to four layers."""

    def of_depth(depth: int) -> st.SearchStrategy[dict[str, Any]]:
        def vector(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
            return st.tuples(*[entries] * depth)

        return st.fixed_dictionaries(
            {
                "margin_risk": units(),
                "margin": margins,
                "spectral_norms": vector(NORMS),
                "distances_2_1": vector(st.one_of(NORMS, st.just(0))),
                "lipschitz": vector(st.one_of(st.sampled_from((1, 0.25)), positives(1e-3, 1e3))),
                "widths": st.tuples(*[st.integers(1, 1000)] * (depth + 1)),
                "data_norm": nonnegatives(1e9),
                "n": samples or counts(),
                "delta": deltas(),
            }
        ).map(lambda inputs: {**inputs, "outputs": inputs["widths"][-1]})

    return st.one_of(*map(of_depth, range(1, 5)))


def at_most_n() -> st.SearchStrategy[dict[str, Any]]:
    """The printed form takes margins up to n only."""
    return layered().map(lambda inputs: {**inputs, "margin": min(inputs["margin"], inputs["n"])})


def norm_product(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The theorem at the level that the certificate names."""
    return reference.norm_product(**inputs, level=certificate.choices["level"])


def spectral(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The theorem at the grid points and cover sizes that the certificate names."""
    return reference.spectral_at_choices(**inputs, choices=certificate.choices)


def spectral_homogeneous(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The same of the homogeneous form."""
    return reference.spectral_homogeneous_at_choices(**inputs, choices=certificate.choices)


def noisy(chosen: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Networks of one to three layers with noise on a power of two, small enough to count in some draws."""

    def of_depth(depth: int) -> st.SearchStrategy[dict[str, Any]]:
        def vector(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
            return st.tuples(*[entries] * depth)

        drawn = {
            "margin_risk": units(),
            "margin": positives(1e-3, 1e3),
            "spectral_norms": vector(positives(0.1, 10)),
            "frobenius_distances": vector(nonnegatives(100)),
            "widths": st.tuples(*[st.integers(1, 1000)] * (depth + 1)),
            "input_radius": positives(0.1, 10),
            "noise_scale": st.integers(-60, 10).map(lambda j: 2.0**j),
            "n": st.one_of(counts(high=10**5), st.just(5 * 10**7)),
            "delta": deltas(),
            "eta": st.one_of(positives(1e-9, 0.5), st.just(Fraction(1, 100))),
        }
        return st.fixed_dictionaries({name: entry for name, entry in drawn.items() if not chosen or name != "noise_scale"})

    return st.one_of(*map(of_depth, range(1, 4)))


def noise_grid(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The bound at the noise scale that the certificate names."""
    return reference.neyshabur2018pacbayes(**inputs, noise_scale=Fraction(2) ** int(certificate.choices["noise_index"]))


CHOSEN: dict[str, Any] = {
    "margin_risk": Fraction(1, 20),
    "margin": 1,
    "spectral_norms": (1, 2),
    "frobenius_distances": (0.5, 1),
    "widths": (10, 10, 2),
    "input_radius": 1,
    "n": 10**6,
    "delta": Fraction(1, 20),
    "eta": Fraction(1, 100),
}
NOISY = {**CHOSEN, "noise_scale": 2.0**-9}


def spectral_fixed_class(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The chain at the cover sizes that the certificate names."""
    return reference.spectral_fixed_class_at_choices(**inputs, choices=certificate.choices)


def spectral_graph(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The bound for graphs at the grid points and cover sizes that the certificate names."""
    return reference.spectral_graph_at_choices(**inputs, choices=certificate.choices)


def graphs() -> st.SearchStrategy[dict[str, Any]]:
    """Graphs of one to four layers: the vectors of a graph need not fit together as those of a chain do."""

    def of_size(layers: int) -> st.SearchStrategy[dict[str, Any]]:
        def vector(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
            return st.tuples(*[entries] * layers)

        sizes = st.one_of(NORMS, st.just(0), st.sampled_from((0.5, 2, 4, 2.0**0.25)))
        return st.fixed_dictionaries(
            {
                "margin_risk": units(),
                "margin": MARGINS,
                "distances_2_1": vector(sizes),
                "input_lipschitz": vector(sizes),
                "inputs_at_zero": vector(st.one_of(st.just(0), nonnegatives(1e6))),
                "output_lipschitz": vector(sizes),
                "entries": vector(st.integers(1, 10**6)),
                "outputs": st.one_of(st.just(1), counts(high=1000)),
                "data_norm": nonnegatives(1e9),
                "n": counts(),
                "delta": deltas(),
            }
        )

    return st.one_of(*map(of_size, range(1, 5)))


def uniform_margins() -> st.SearchStrategy[dict[str, Any]]:
    """A margin and a largest margin that is not below it."""

    def build(margin: Any, times: Fraction, rest: dict[str, Any]) -> dict[str, Any]:
        return {"margin": margin, "largest_margin": Fraction(margin) * times, **rest}

    rest = st.fixed_dictionaries({"margin_risk": units(), "complexity": nonnegatives(1e100), "n": counts(), "delta": deltas()})
    times = st.one_of(*(between(Fraction(1001, 1000), largest) for largest in (2, 100, 10**6)))
    return st.builds(build, MARGINS, times, rest)


def spectral_closed(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The closed form at the grid points that the certificate names."""
    return reference.spectral_closed_at_choices(**inputs, choices=certificate.choices)


def perturbed_layers() -> st.SearchStrategy[dict[str, Any]]:
    """Norms of one to five layers, and perturbations of at most the norm over the number of layers."""

    def build(layers: list[tuple[Any, Fraction]], radius: Any) -> dict[str, Any]:
        noises = tuple(Fraction(norm) * part / len(layers) for norm, part in layers)
        return {"spectral_norms": tuple(norm for norm, _ in layers), "noise_norms": noises, "input_radius": radius}

    layers = st.lists(st.tuples(positives(1e-30, 1e30), between(0, 1, 1000)), min_size=1, max_size=5)
    return st.builds(build, layers, nonnegatives(1e30))


_BINARY = case(
    {"margin_risk": Fraction(1, 10), "margin": 0.5, "complexity": 0.001, "n": 10**4, "delta": Fraction(1, 20)},
    margin_risk=units(),
    margin=MARGINS,
    complexity=nonnegatives(1e100),
    n=counts(),
    delta=deltas(),
)
NORM_PRODUCT: dict[str, Any] = {
    "margin_risk": Fraction(1, 10),
    "margin": 0.5,
    "norm_product": 8,
    "depth": 3,
    "outputs": 10,
    "data_norm": 100,
    "n": 10**4,
    "delta": Fraction(1, 20),
}
EXAMPLE: dict[str, Any] = {
    "margin_risk": Fraction(1, 10),
    "margin": 0.75,
    "spectral_norms": (1.5, 2),
    "distances_2_1": (3, 1),
    "lipschitz": (1, 1),
    "widths": (10, 20, 3),
    "outputs": 3,
    "data_norm": 100,
    "n": 10**4,
    "delta": Fraction(1, 20),
}

GRAPH: dict[str, Any] = {
    "margin_risk": Fraction(1, 10),
    "margin": 0.75,
    "distances_2_1": (3, 1, 2),
    "input_lipschitz": (1, 1.5, 1.5),
    "inputs_at_zero": (1, 0.5, 0),
    "output_lipschitz": (4, 2, 1),
    "entries": (220, 400, 60),
    "outputs": 3,
    "data_norm": 100,
    "n": 10**4,
    "delta": Fraction(1, 20),
}

CASES: dict[str, Case] = {
    "norm_product": Case(
        st.fixed_dictionaries(
            {
                "margin_risk": units(),
                "margin": MARGINS,
                "norm_product": nonnegatives(1e9),
                "depth": counts(high=1000),
                "outputs": st.one_of(st.just(1), counts(high=1000)),
                "data_norm": nonnegatives(1e9),
                "n": counts(),
                "delta": deltas(),
            }
        ),
        {
            "margin_risk": Fraction(1, 10),
            "margin": 0.5,
            "norm_product": 8,
            "depth": 3,
            "outputs": 10,
            "data_norm": 100,
            "n": 10**4,
            "delta": Fraction(1, 20),
        },
        from_choices=norm_product,
    ),
    "spectral": Case(layered(), EXAMPLE, from_choices=spectral),
    "spectral[True]": Case(layered(), EXAMPLE, from_choices=spectral_homogeneous),
    "bartlett2017spectral": Case(at_most_n(), EXAMPLE),
    "neyshabur2018pacbayes": Case(noisy(), NOISY, reference=reference.neyshabur2018pacbayes),
    "neyshabur2018pacbayes_grid": Case(noisy(chosen=True), CHOSEN, from_choices=noise_grid),
    "bartlett1998fat_shattering": case(
        {"margin_risk": Fraction(1, 10), "fat_shattering_dimension": 64, "n": 10**6, "delta": Fraction(1, 20)},
        margin_risk=units(),
        fat_shattering_dimension=st.one_of(nonnegatives(34), st.just(0)),  # beyond 34 n it is read as 34 n
        n=counts(),
        delta=deltas(),
    ),
    "bartlett1998fat_shattering[printed]": case(
        {"margin_risk": Fraction(1, 10), "fat_shattering_dimension": 64, "n": 10**6, "delta": Fraction(1, 20)},
        margin_risk=units(),
        fat_shattering_dimension=st.one_of(nonnegatives(34), st.just(0)),  # beyond 34 n it is read as 34 n
        n=counts(),
        delta=deltas(),
    ),
    "norm_product_fixed_class": case(
        NORM_PRODUCT,
        margin_risk=units(),
        margin=MARGINS,
        norm_product=nonnegatives(1e9),
        depth=counts(high=1000),
        outputs=st.one_of(st.just(1), counts(high=1000)),
        data_norm=nonnegatives(1e9),
        n=counts(),
        delta=deltas(),
    ),
    "spectral_fixed_class": Case(layered(), EXAMPLE, from_choices=spectral_fixed_class),
    "spectral_graph": Case(graphs(), GRAPH, from_choices=spectral_graph),
    "mohri2018multiclass": case(
        {"margin_risk": Fraction(1, 10), "margin": 0.5, "outputs": 10, "complexity": 0.001, "n": 10**4, "delta": Fraction(1, 20)},
        margin_risk=units(),
        margin=MARGINS,
        outputs=counts(2),
        complexity=nonnegatives(1e100),
        n=counts(),
        delta=deltas(),
    ),
    "mohri2018binary": _BINARY,
    "mohri2018binary[printed]": _BINARY,
    "fat_shattering_linear": case(
        {"norm": 1, "radius": 1, "scale": 0.125}, norm=nonnegatives(1e60), radius=nonnegatives(1e60), scale=positives(1e-30)
    ),
    "neyshabur2018perturbed": case(
        {"margin_risk": Fraction(1, 10), "kl": 50, "n": 10**4, "delta": Fraction(1, 20)},
        margin_risk=units(),
        kl=nonnegatives(),
        n=counts(2),
        delta=deltas(),
    ),
    "neyshabur2018output_change": Case(perturbed_layers(), {"spectral_norms": (2, 1), "noise_norms": (0.25, 0.25), "input_radius": 4}),
    "spectral_closed": Case(layered(), EXAMPLE, from_choices=spectral_closed),
    "spectral_closed_fixed_class": Case(layered(), {**EXAMPLE, "n": 10**6}),
    "mohri2018uniform": Case(
        uniform_margins(),
        {"margin_risk": Fraction(1, 10), "margin": 0.5, "largest_margin": 4, "complexity": 0.001, "n": 10**4, "delta": Fraction(1, 20)},
    ),
}
