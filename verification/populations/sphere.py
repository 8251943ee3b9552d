"""Teacher and student on the sphere: uniform unit vectors, labels by the sign of a teacher's product, and the angle between the two."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from genbounds.verification.populations.protocol import Array, Key, generator, law_hash


@dataclass(frozen=True, eq=False)
class TeacherSphere:
    """x is uniform on the unit sphere in d dimensions, its label the sign of <u, x>, flipped with probability ``noise``.

    A plane through both vectors shows that the signs of <u, x> and <w, x> differ with probability angle(u, w)/pi. So the risk of the
    student sign <w, x> is p + (1 - 2 p) angle(u, w)/pi, in every dimension. No margin: inputs come as close to the plane as you like.

    Args:
        teacher: u, (d,), d >= 2, not zero. noise: p in [0, 1/2].

    Raises:
        ValueError: a teacher that is not a finite vector of two entries or more, or zero; a noise outside [0, 1/2].

    >>> law = TeacherSphere(np.array([1.0, 0.0, 0.0]), 0.1)
    >>> round(law.risk(np.array([1.0, 1.0, 0.0])), 12), law.risk(np.array([2.0, 0.0, 0.0])), law.bayes_risk
    (0.3, 0.1, 0.1)
    """

    teacher: Array
    noise: float = 0.0

    def __post_init__(self) -> None:
        """Check the parameters."""
        teacher = np.asarray(self.teacher, dtype=float)
        if teacher.ndim != 1 or teacher.size < 2 or not np.isfinite(teacher).all() or not teacher.any():
            raise ValueError(f"teacher must be a finite vector of two entries or more, not zero, got shape {teacher.shape}: a direction")
        if not 0 <= self.noise <= 0.5:
            raise ValueError(f"noise must lie in [0, 1/2], got {self.noise}: turn the teacher instead")

    @property
    def content_hash(self) -> str:
        """Hash of the parameters: two laws with one hash are the same."""
        return law_hash("teacher on the sphere", self.teacher, self.noise)

    @property
    def input_radius(self) -> float:
        """Every x has norm 1 up to rounding, which this number is above."""
        return 1 + 2.0**-50

    @property
    def bayes_risk(self) -> float:
        """The noise."""
        return float(self.noise)

    def sample(self, key: Key, n: int) -> tuple[Array, Array]:
        """n independent draws: inputs (n, d) and labels (n,)."""
        random = generator("teacher on the sphere", key)
        inputs = random.standard_normal((n, len(self.teacher)))
        inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
        labels = np.where(inputs @ self.teacher > 0, 1, -1)
        return inputs, np.where(random.random(n) < self.noise, -labels, labels)

    def risk(self, weights: Array) -> float:
        """P(y <w, x> <= 0), to float64; w = 0 is always wrong."""
        student = np.asarray(weights, dtype=float)
        if not student.any():
            return 1.0
        unit = self.teacher / np.linalg.norm(self.teacher)
        along = float(unit @ student)
        # By the tangent: the arc cosine would lose half of the digits at small angles.
        angle = math.atan2(float(np.linalg.norm(student - along * unit)), along)
        return self.noise + (1 - 2 * self.noise) * angle / math.pi
