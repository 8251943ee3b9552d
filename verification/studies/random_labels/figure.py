"""The figure of the study ``random_labels``: panels that are functions of their axes and of the stored curves."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes

from genbounds.verification.plots.margins import margins
from genbounds.verification.plots.series import Style
from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

PURPLE = "#CC79A7"
STYLES = {
    "true labels": (BOUND, "o", "-"),
    "shuffled pixels": (BASELINE, "^", "-."),
    "random labels": (RISK, "s", "--"),
    "random pixels": (PURPLE, "D", ":"),
    "Gaussian inputs": (GREY, "v", "-"),
}


def draw_fits(ax: Axes, curves: Curves) -> None:
    """The training error of each condition."""
    for name, found in curves["conditions"].items():
        colour, marker, line = STYLES[name]
        ax.plot(curves["steps"], found["train"], line, color=colour, marker=marker, markersize=3.5, linewidth=1, label=name)
    ax.set_xlabel("step (number of steps of Adam)")
    ax.set_ylabel("training error")
    ax.set_ylim(-0.01, None)
    ax.legend(fontsize=7, frameon=False)


def draw_bounds(ax: Axes, curves: Curves) -> None:
    """What happens and what each bound says, by condition."""
    markers = {"VC dimension": ("s", BOUND), "product of norms": ("^", BASELINE), "spectral norms": ("D", PURPLE)}
    names = list(curves["conditions"])
    places = range(len(names))
    risks = [curves["conditions"][name]["risk"][-1] for name in names]
    unseen = [curves["conditions"][name]["unseen"][-1] for name in names]
    ax.plot(places, unseen, "o", color=RISK, markersize=5.5, label="error on unseen digits")
    ax.plot(places, risks, "o", color=RISK, fillstyle="none", markersize=5.5, label="exact risk")
    for bound, (marker, colour) in markers.items():
        values = [curves["conditions"][name]["bounds"].get(bound) for name in names]
        if None not in values:
            ax.plot(places, values, marker, color=colour, markersize=5, label=f"bound: {bound}")
    ax.axhline(1.0, color=INK, linestyle="--", linewidth=1, label="vacuous above")
    ax.set_yscale("log")
    ax.set_yticks([0.05, 0.1, 0.5, 1, 5, 10, 50], ["0.05", "0.1", "0.5", "1", "5", "10", "50"])
    ax.minorticks_off()
    ax.set_xticks(list(places), [name.replace(" ", "\n") for name in names], fontsize=7.5)
    ax.set_xlim(-0.5, len(names) - 0.5)
    low, high = ax.get_ylim()
    ax.set_ylim(low / 1.3, high * 60)
    ax.set_ylabel("risk, or a bound on it")
    ax.legend(loc="upper left", fontsize=7, frameon=False, ncols=2)


def draw_margins(ax: Axes, curves: Curves) -> None:
    """The distribution functions of the normalised margins."""
    found = {name: condition["normalised"] for name, condition in curves["conditions"].items()}
    margins(ax, found, log=True, styles=_lines(found))
    least, most = (end(value for values in found.values() for value in values) for end in (min, max))
    ax.set_xlim(least / 8, most * 1.3)
    places = [one for one in (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3) if least / 8 <= one <= most * 1.3]
    ax.set_xticks(places, [f"{one:g}" for one in places])
    ax.minorticks_off()
    ax.set_xlabel("margin over spectral complexity times ||X||/n (log scale)")
    ax.legend(loc="upper left", fontsize=7, frameon=False)


def draw_raw(ax: Axes, curves: Curves) -> None:
    """The same of the margins as they are."""
    found = {name: condition["margins"] for name, condition in curves["conditions"].items()}
    margins(ax, found, styles=_lines(found))
    ax.set_xlabel("margin as it is (units of the output)")
    ax.legend(loc="lower right", fontsize=7, frameon=False)


def _lines(names: Iterable[str]) -> dict[str, Style]:
    return {name: {"color": STYLES[name][0], "linestyle": STYLES[name][2]} for name in names}


def draw_tracks(ax: Axes, curves: Curves) -> None:
    """Excess risk and spectral complexity while networks train, each over its last value with random labels."""
    last = curves["conditions"]["random labels"]
    for name in ("true labels", "random labels"):
        found, (colour, marker, _) = curves["conditions"][name], STYLES[name]
        excess = [one / last["excess"][-1] for one in found["excess"]]
        complexity = [one / last["complexity"][-1] for one in found["complexity"]]
        ax.plot(curves["steps"], excess, "-", color=colour, marker=marker, markersize=3.5, linewidth=1, label=f"excess risk, {name}")
        ax.plot(
            curves["steps"], complexity, ":", color=colour, marker=marker, fillstyle="none", markersize=3.5, label=f"complexity, {name}"
        )
    ax.set_xlabel("step (number of steps of Adam)")
    ax.set_ylabel("over the last with random labels")
    ax.set_ylim(-0.02, 1.6)
    ax.legend(loc="upper left", fontsize=7, frameon=False, ncols=2)


def draw_doses(ax: Axes, curves: Curves) -> None:
    """Complexity over margin against the share of random labels."""
    doses = curves["doses"]
    for row in doses["rows"]:
        ax.plot(doses["shares"], row, "-", color=GREY, linewidth=0.6)
    ax.plot(doses["shares"], doses["median"], "-o", color=RISK, markersize=4.5, label="median of the seeds")
    ax.plot([], [], "-", color=GREY, linewidth=0.6, label="one seed")
    ax.set_yscale("log")
    ax.set_yticks([10, 30, 100, 300, 1000], ["10", "30", "100", "300", "1000"])
    ax.minorticks_off()
    ax.set_ylim(0.8 * min(min(row) for row in doses["rows"]), 1.8 * max(max(row) for row in doses["rows"]))
    ax.set_xlabel("share of the labels that are drawn anew")
    ax.set_ylabel("complexity over margin")
    ax.legend(loc="upper left", fontsize=7, frameon=False)


PANELS = (
    Panel("All of them are fitted", draw_fits, 2.4),
    Panel("What happens, and what bounds say", draw_bounds, 2.9),
    Panel("Margins as they are", draw_raw, 2.2),
    Panel("Margins over the spectral complexity", draw_margins, 2.2),
    Panel("Spectral complexity and excess risk while training", draw_tracks, 2.5),
    Panel("Dose and response", draw_doses, 2.1),
)
