"""The figure of the study ``building_blocks``."""

from __future__ import annotations

from matplotlib.axes import Axes

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

SMALL = {"fontsize": 7, "frameon": False}
PURPLE = "#CC79A7"
STYLES = {"dense": ("o", BOUND), "convolutional": ("s", BASELINE), "recurrent": ("^", PURPLE), "attention": ("D", RISK)}


def _kinds(ax: Axes, names: list[str]) -> None:
    ax.set_xticks(range(len(names)), names, fontsize=7.5)
    ax.set_xlim(-0.5, len(names) - 0.5)


def draw_errors(ax: Axes, curves: Curves) -> None:
    """The exact risk with ReLU and with identity activations, with every seed, and the parameters."""
    names = list(curves["kinds"])
    for activation, colour, marker, move in (("relu", BOUND, "o", -0.12), ("identity", RISK, "s", 0.12)):
        for place, name in enumerate(names):
            values = curves["kinds"][name][activation]
            label = f"{'ReLU units' if activation == 'relu' else 'identity: an affine map but for attention'}" if not place else None
            ax.plot([place + move] * len(values), values, marker, color=colour, markersize=4, fillstyle="none", linestyle="none")
            ax.plot(place + move, sum(values) / len(values), marker, color=colour, markersize=6, linestyle="none", label=label)
    _kinds(ax, [f"{name}\n{curves['kinds'][name]['parameters']} parameters" for name in names])
    ax.set_ylabel("risk (share of errors)")
    ax.set_ylim(0, 1.35 * max(max(found["relu"] + found["identity"]) for found in curves["kinds"].values()))
    ax.legend(loc="upper left", **SMALL)


def draw_lipschitz(ax: Axes, curves: Curves) -> None:
    """The enclosure of each Lipschitz constant."""
    names = [name for name, found in curves["kinds"].items() if found["bracket"]]
    for place, name in enumerate(names):
        lower, upper = curves["kinds"][name]["bracket"]
        ax.plot([place, place], [lower, upper], "-", color=GREY, linewidth=3)
        ax.plot(place, lower, "^", color=RISK, markersize=6, label="slope that is attained" if not place else None)
        ax.plot(place, upper, "v", color=BOUND, markersize=6, label="certified upper bound" if not place else None)
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(low / 1.5, high * 8)
    _kinds(ax, [f"{name}\n{'in a ball only' if curves['kinds'][name]['ball'] else 'all inputs'}" for name in names])
    ax.set_ylabel("Lipschitz constant")
    ax.legend(loc="upper left", **SMALL)


def draw_certificates(ax: Axes, curves: Curves) -> None:
    """Every certificate of a network of each kind, with its risk."""
    names = [name for name, found in curves["kinds"].items() if found["certificates"]]
    styles = {
        "holdout": ("o", BASELINE, "held-out draws"),
        "vc": ("s", BOUND, "VC, growth functions"),
        "margin": ("^", PURPLE, "margins, norms"),
    }
    shown: set[str] = set()
    for place, name in enumerate(names):
        for family, (marker, colour, words) in styles.items():
            values = [value for bound, value in curves["kinds"][name]["certificates"] if bound.split(".")[0] == family]
            spread = [place + 0.16 * (list(styles).index(family) - 1)] * len(values)
            label = words if values and family not in shown else None
            shown |= {family} if values else set()
            ax.plot(spread, values, marker, color=colour, markersize=4.5, fillstyle="none", linestyle="none", label=label)
        risk = curves["kinds"][name]["relu"][0]
        ax.plot([place - 0.3, place + 0.3], [risk, risk], "-", color=RISK, linewidth=2, label="exact risk" if not place else None)
    ax.axhline(1.0, color=INK, linestyle="--", linewidth=1, label="vacuous above")
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(low / 1.5, high**1.6)
    _kinds(ax, names)
    ax.set_ylabel("bound on the risk")
    ax.legend(loc="upper left", ncols=2, **SMALL)


def draw_slopes(ax: Axes, curves: Curves) -> None:
    """How the steepest slope changes with the size of the inputs, and the square."""
    scales = curves["scales"]
    for name, found in curves["kinds"].items():
        marker, colour = STYLES[name]
        ax.plot(scales, found["slopes"], "-", marker=marker, color=colour, markersize=4.5, label=f"{name} network, examples scaled")
    layer = curves["layer"]
    ax.plot(scales, layer, ":", marker="D", color=RISK, fillstyle="none", markersize=5, label="attention layer, token 1 against ±s u")
    ax.plot(scales, [layer[-1] * (scale / scales[-1]) ** 2 for scale in scales], "--", color=INK, linewidth=1, label="square of the size")
    ax.set_xscale("log")
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * 3e3)
    ax.set_xlabel("size of the inputs (factor on examples; s)")
    ax.set_ylabel("norm of the derivative")
    ax.legend(loc="upper left", **SMALL)


PANELS = (
    Panel("Risk with and without activations", draw_errors, 2.4),
    Panel("Lipschitz constants", draw_lipschitz, 2.3),
    Panel("Every certificate of one network", draw_certificates, 2.7),
    Panel("Slopes where inputs are large", draw_slopes, 2.8),
)
