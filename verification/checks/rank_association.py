"""Does a measure rank networks by their gap? Over a grid of hyperparameters (A9; Jiang et al. 2020, Dziugaite et al. 2020)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from genbounds.verification.populations.protocol import Array, generator

PERMUTATIONS = 200


@dataclass(frozen=True)
class Networks:
    """Measures and gaps of trained networks, and the hyperparameters of each.

    Args:
        measure, gap: (m,), finite.
        settings: for each hyperparameter its value for each network, (m,). Networks of the same settings differ in their seed.

    Raises:
        ValueError: lengths that differ, entries that are not finite, fewer than 4 networks.
    """

    measure: Array
    gap: Array
    settings: Mapping[str, Array]

    def __post_init__(self) -> None:
        """Check the shapes."""
        lengths = {len(self.measure), len(self.gap), *(len(values) for values in self.settings.values())}
        if len(lengths) != 1 or min(lengths) < 4 or not self.settings:
            raise ValueError(
                f"measure, gap and settings must have one entry per network, at least 4, got lengths {sorted(lengths)}: count again"
            )
        if not (np.isfinite(self.measure).all() and np.isfinite(self.gap).all()):
            raise ValueError("measure and gap must be finite, got others: leave such networks out")

    def groups(self, names: Sequence[str]) -> Iterator[Array]:
        """The networks that agree in these hyperparameters, as indices."""
        keys = list(zip(*(np.asarray(self.settings[name]).tolist() for name in names), strict=True)) if names else [()] * len(self.gap)
        for key in dict.fromkeys(keys):
            yield np.array([index for index, other in enumerate(keys) if other == key])


def tau_b(measure: Array, gap: Array) -> float:
    """Kendall's tau-b: concordant less discordant pairs, ties discounted; 0 where one of the two is constant.

    >>> tau_b(np.array([1, 2, 3]), np.array([10, 30, 20]))
    0.33333333333333337
    """
    found = float(stats.kendalltau(measure, gap).statistic)
    return 0.0 if np.isnan(found) else found


def granulated(networks: Networks) -> dict[str, float]:
    """psi of each hyperparameter: the mean tau over groups of networks that differ in it alone (and in the seed)."""
    result = {}
    for name in networks.settings:
        others = [other for other in networks.settings if other != name]
        taus = [tau_b(networks.measure[group], networks.gap[group]) for group in networks.groups(others) if len(group) > 1]
        result[name] = float(np.mean(taus)) if taus else 0.0
    return result


def conditional_information(networks: Networks, given: Sequence[str]) -> float:
    """I(sign of the difference in measure; sign of the difference in gap | settings ``given``) over the entropy of the latter, in [0, 1].

    Over all ordered pairs of two different networks; the cells are the pairs of values of the given settings, weighted by their pairs.
    """
    cells: dict[tuple[int, int], Array] = {}
    groups = list(networks.groups(given))
    for (a, first), (b, second) in itertools.product(enumerate(groups), repeat=2):
        left, right = np.meshgrid(first, second, indexing="ij")
        different = (left != right).ravel()
        left, right = left.ravel()[different], right.ravel()[different]
        signs = [np.sign(values[left] - values[right]).astype(int) + 1 for values in (networks.measure, networks.gap)]
        table = np.zeros((3, 3))
        np.add.at(table, (signs[0], signs[1]), 1)
        cells[a, b] = table
    pairs = sum(table.sum() for table in cells.values())
    information = entropy = 0.0
    for table in cells.values():
        if table.sum():
            joint = table / table.sum()
            weight = table.sum() / pairs
            gaps = _entropy(joint.sum(axis=0))
            information += weight * (_entropy(joint.sum(axis=1)) + gaps - _entropy(joint.ravel()))
            entropy += weight * gaps
    return float(max(0.0, information) / entropy) if entropy > 1e-12 else 0.0


@dataclass(frozen=True)
class Information:
    """The least normalised conditional information over sets of at most two hyperparameters, which set, and the p-value of none."""

    value: float
    given: tuple[str, ...]
    p_value: float


def least_information(networks: Networks, *, permutations: int = PERMUTATIONS, key: str = "information") -> Information:
    """``conditional_information`` at its least, with a permutation null: the gaps are shuffled over all networks.

    The p-value is (1 + number of shuffles at least as large)/(1 + permutations): valid if, under the null, gaps are exchangeable.
    """
    sets = [given for size in (0, 1, 2) for given in itertools.combinations(networks.settings, size) if size < len(networks.settings)]

    def least(gap: Array) -> tuple[float, tuple[str, ...]]:
        shuffled = Networks(networks.measure, gap, networks.settings)
        return min((conditional_information(shuffled, given), given) for given in sets)

    value, given = least(networks.gap)
    random = generator("permutations", key)
    exceeded = sum(least(random.permutation(networks.gap))[0] >= value for _ in range(permutations))
    return Information(value, given, (1 + exceeded) / (1 + permutations))


def worst_sign_error(networks: Networks) -> tuple[float, str]:
    """The largest sign error over environments, and which: two settings that differ in one hyperparameter.

    In an environment all pairs of one network of each setting are compared; the error is the share in which measure and gap move in
    different directions, a tie of one of them counting one half. A measure that says nothing has 1/2, one that is wrong somewhere 1.
    """
    worst = (0.0, "")
    for name, values in networks.settings.items():
        others = [other for other in networks.settings if other != name]
        for group in networks.groups(others):
            for one, two in itertools.combinations(sorted(set(np.asarray(values)[group].tolist())), 2):
                first, second = (group[np.asarray(values)[group] == value] for value in (one, two))
                moves = [np.sign(np.subtract.outer(table[second], table[first])) for table in (networks.measure, networks.gap)]
                error = float(((1 - moves[0] * moves[1]) / 2).mean())
                if error > worst[0]:
                    worst = (error, f"{name} = {one} against {two}")
    return worst


def bootstrap(networks: Networks, *, resamples: int = 1000, confidence: float = 0.95, key: str = "tau") -> tuple[float, float]:
    """Percentile limits of tau-b over resampled settings, all seeds of a setting together."""
    groups = list(networks.groups(tuple(networks.settings)))
    random = generator("bootstrap", key)
    taus = []
    for _ in range(resamples):
        picked = np.concatenate([groups[index] for index in random.integers(len(groups), size=len(groups))])
        taus.append(tau_b(networks.measure[picked], networks.gap[picked]))
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(taus, [tail, 1 - tail])
    return float(lower), float(upper)


def _entropy(law: Array) -> float:
    positive = law[law > 0]
    return float(-(positive * np.log(positive)).sum())
