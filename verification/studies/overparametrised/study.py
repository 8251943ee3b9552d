"""Overparametrised training: gradient descent compared with its tangent kernel, and kernel regression compared with networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.overparametrised import descent, figure, findings, kernels, planted
from genbounds.verification.studies.overparametrised.cells import AccuracyCell, DescentCell, KernelCell, SmoothCell
from genbounds.verification.studies.phenomenon import Claim, Curves, Finding, Panel, Phenomenon, Trap


class Overparametrised(Phenomenon):
    """Outputs of wide networks under gradient descent, their tangent kernels, and what the kernel alone achieves."""

    name = "overparametrised"
    revision = 2
    title = "Overparametrised training and the tangent kernel"
    description = "Gradient descent on wide networks and the dynamics of its tangent kernel; kernel regression compared with networks."
    dtype = "float64"
    claims = (
        Claim(
            "error term",
            "A step of size a gives f - y -> (I - a D^T D)(f - y) + r with ||r|| <= (a^2/2) Lambda ||D (f - y)||^2.",
            "Taylor's formula; Lambda^2 is the sum of squared bounds on the Hessians of the outputs",
        ),
        Claim(
            "linear convergence",
            "At large width gradient descent converges linearly: ||f_t - y||^2 <= (1 - a lambda_0/2)^t ||f_0 - y||^2.",
            "Du, Zhai, Poczos and Singh 2019, Theorem 4.1, whose width (n^6 and more) is out of reach",
        ),
        Claim(
            "dynamics",
            "The wider a network, the closer its outputs follow (I - a D^T D)^t (f_0 - y) with the kernel of the start.",
            "Lee et al. 2019, Theorem 2.1",
            "exponent -1/2 of the width",
        ),
        Claim("kernel drift", "The wider a network, the less its tangent kernel moves.", "Jacot, Gabriel and Hongler 2018, Theorem 2"),
        Claim(
            "infinite width",
            "The tangent kernel at the start approaches that of infinite width, with exponent -1/2 in the width.",
            "Jacot, Gabriel and Hongler 2018, Theorem 1",
            "exponent -1/2 of the width",
        ),
        Claim("wider is easier", "After equally many steps, wider networks have less of the residual left.", "Allen-Zhu, Li and Song 2019"),
        Claim(
            "deeper is harder", "After equally many steps, deeper networks have more of the residual left.", "Allen-Zhu, Li and Song 2019"
        ),
        Claim(
            "leave-one-out identity",
            "The leave-one-out errors of kernel regression are [K^-1 y]_i/[K^-1]_ii.",
            "Wahba 1990; genbounds.bounds.stability.kernel_leave_one_out",
        ),
        Claim(
            "leave-one-out bound",
            "When an example is left out, the squared error on it is at most k(x, x) times the decrease of the squared norm of the "
            "interpolant; so the expected squared error for the best number of examples is at most D^2 E||w||^2/n.",
            "Liang and Recht 2023; genbounds.bounds.stability.minimum_norm_interpolation",
        ),
        Claim(
            "network and kernel",
            "Networks are more accurate than regression with the kernel of infinite width.",
            "Arora, Du, Hu, Li, Salakhutdinov and Wang 2019",
            "6 % for convolutional networks on CIFAR-10",
        ),
        Claim(
            "last layer only",
            "Networks are more accurate than their last layer trained alone, on the random features of the first.",
            "Rahimi and Recht 2008; Yehudai and Shamir 2019",
        ),
    )
    panels = (
        Panel("Residuals and the dynamics of the first kernel", figure.draw_paths, 2.4),
        Panel("The wider, the closer to the kernel", figure.draw_widths, 2.4),
        Panel("What is left after equally many steps", figure.draw_left, 2.2),
        Panel("The error term of a step", figure.draw_terms, 2.4),
        Panel("Kernel regression: leave-one-out and bound", figure.draw_kernel, 2.4),
        Panel("Networks, kernel and last layer on digits", figure.draw_accuracies, 1.9),
    )
    caption = (
        "Top: the norm of the residual for three widths, and what the kernel at the start predicts (dashed). Second: the distance from "
        "that prediction, the drift of the kernel, and its distance from the kernel of infinite width; the dashed line has exponent "
        "-1/2. Third: the last residual divided by the first. Fourth: the error term with its bound (dashed). Fifth: the risk and the "
        "leave-one-out error with the bound (dashed). Bottom: accuracies, with one point for each sample."
    )
    seconds: ClassVar = {"thumbnail": 2.6, "quick": 38.0, "full": 66.0}

    def cells(self) -> Sequence[Cell]:
        """Widths and depths of ReLU networks, two smooth ones, kernel regression, and the digits."""
        widths: tuple[int, ...] = (16, 64, 256)
        depths: tuple[int, ...] = (4,)
        if self.extent == "thumbnail":
            seeds, steps, kernel, accuracy = range(3), 50, KernelCell((5, 10, 20), 12), AccuracyCell(200, 64, 40, 3)
        else:
            number = 8 if self.extent == "quick" else 14
            seeds, steps, widths, depths = range(number), 200, (4, 16, 64, 256, 1024), (2, 4, 8)
            kernel, accuracy = KernelCell((5, 10, 20, 40, 80), 5 * number), AccuracyCell(200, 256, 100, number)
        return [
            *(DescentCell(width, 1, steps, seed) for seed in seeds for width in widths),
            *(DescentCell(64, depth, steps, seed) for seed in seeds for depth in depths),
            *(SmoothCell(width, steps, seed) for seed in seeds for width in (16, 1024)),
            kernel,
            accuracy,
        ]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Each cell by itself."""
        return [_MEASURE[type(cell)](cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """Theorems and effects."""
        descents, smooth, kernel, accuracy = _by_kind(cells, results)
        return [
            findings.error_term(smooth),
            *findings.descent(descents),
            *findings.leave_one_out(kernel),
            *findings.accuracy(accuracy),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Means over the seeds."""
        return findings.curves(*_by_kind(cells, results))

    def alt(self, curves: Curves) -> str:
        """Drift and deviation at the two ends, and the accuracies."""
        widths, by_width = curves["widths"], curves["by_width"]
        means = {name: sum(values) / len(values) for name, values in curves["accuracies"].items()}
        return (
            f"From width {widths[0]} to {widths[-1]} the distance to the kernel's dynamics falls from {by_width['deviation'][0]:.2g} "
            f"to {by_width['deviation'][-1]:.2g}, the drift of the kernel from {by_width['drift'][0]:.2g} to {by_width['drift'][-1]:.2g}. "
            f"On digits networks have an accuracy of {means['network']:.3f}, the kernel {means['kernel']:.3f}, the last layer "
            f"alone {means['features']:.3f}."
        )

    def trap(self) -> Trap:
        """A bound on the error term that was halved twice over: without the second derivatives of all examples but a few."""
        cells, sound = planted.made_up()
        faulty = [{**result, "bounds": [bound / 4 for bound in result["bounds"]]} if "errors" in result else result for result in sound]
        return Trap("second derivatives left out of the bound on the error term", "error term", cells, faulty, sound)


def _by_kind(cells: Sequence[Cell], results: Sequence[Result]) -> tuple[Any, Any, Any, Any]:
    found = list(zip(cells, results, strict=True))
    descents, smooth, kernel, accuracy = ([pair for pair in found if isinstance(pair[0], kind)] for kind in _MEASURE)
    return descents, smooth, kernel, accuracy


_MEASURE: dict[type, Any] = {
    DescentCell: descent.measure,
    SmoothCell: descent.measure_smooth,
    KernelCell: kernels.measure,
    AccuracyCell: kernels.accuracies,
}
