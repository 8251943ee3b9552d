"""What the literature says of depth."""

from __future__ import annotations

from genbounds.verification.studies.phenomenon import Claim

CLAIMS = (
    Claim(
        "norm product",
        "The norm-product bound of trained networks grows with their depth like B^L, B the Frobenius norm of a layer.",
        "Neyshabur, Tomioka and Srebro 2015; Golowich, Rakhlin and Shamir 2018, introduction",
        "B^L",
    ),
    Claim(
        "not the risk",
        "This growth is not that of the risk: over the same networks the bound's slope in depth is above the risk's.",
        "Nagarajan and Kolter 2019, of bounds that do not follow the risk",
    ),
    Claim(
        "two factors",
        "At one product of norms the empirical Rademacher complexity is at most 2^(L-1), and at most 1 + sqrt(2 ln 2 L), times ||X||_F/n.",
        "Neyshabur, Tomioka and Srebro 2015, Theorem 1; Golowich, Rakhlin and Shamir 2018, Theorem 1",
        "2^L (2015), sqrt(L) (2018)",
    ),
    Claim(
        "no 2^L in the class",
        "The 2^L of 2015 is the proof's: the complexity itself, as far as a search finds it, grows no faster than sqrt(L).",
        "Golowich, Rakhlin and Shamir 2018",
        "sqrt(L)",
    ),
    Claim(
        "shattered by construction",
        "ReLU networks that extract bits shatter as many points as they should, and no more than the upper bound allows.",
        "Bartlett, Harvey, Liaw and Mehrabian 2019, Theorems 3 and 7",
    ),
    Claim(
        "W L log W",
        "The VC dimension of piecewise linear networks grows like W L log W: so do the points that are shattered, and the upper bound.",
        "Bartlett, Harvey, Liaw and Mehrabian 2019, Theorems 3 and 7",
        "W L log W",
    ),
    Claim(
        "side by side",
        "In depth at a fixed width the bounds for threshold, piecewise linear and piecewise polynomial units grow like W log W, W L log W "
        "and W L log W + W L^2.",
        "Baum and Haussler 1989; Bartlett, Harvey, Liaw and Mehrabian 2019; Bartlett, Maiorov and Meir 1998",
        "W log W; W L log W; W L log W + W L^2",
    ),
)
