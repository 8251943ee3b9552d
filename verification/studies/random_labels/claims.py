"""What the literature says of networks on random labels."""

from __future__ import annotations

from genbounds.verification.studies.phenomenon import Claim

ZHANG, BARTLETT = "Zhang et al. 2017", "Bartlett, Foster and Telgarsky 2017"

CLAIMS = (
    Claim(
        "everything is fitted",
        "One architecture reaches a training error of 0 with true labels, random labels, shuffled pixels, random pixels and Gaussian "
        "inputs.",
        f"{ZHANG}, figure 1a",
    ),
    Claim(
        "nothing is learnt",
        "With random labels and with Gaussian inputs such a network errs on half of the examples that it has not seen (here: .45 to .55).",
        f"{ZHANG}, section 2",
    ),
    Claim(
        "fitting takes little longer",
        "Random labels take longer to fit, but only by a small constant factor (here: less than 5).",
        f"{ZHANG}, section 2 and figure 1b",
    ),
    Claim(
        "counting sees no difference",
        "A bound by the VC dimension is the same number for networks that fit true and random labels, so it cannot be below the error of "
        "the latter.",
        f"{ZHANG}, section 2.2",
    ),
    Claim(
        "bounds",
        "The VC, norm and margin bounds hold for the trained networks of every condition with probability 95 %.",
        "Mohri et al. 2018, Corollary 3.19; Golowich et al. 2018, Theorem 1; Bartlett et al. 2017, Theorem 1.1",
    ),
    Claim(
        "complexity tells",
        "The spectral complexity over the margin is larger on random labels than on true ones.",
        f"{BARTLETT}, section 2 and figure 2",
    ),
    Claim(
        "dose and response",
        "It grows with the share of random labels.",
        f"{BARTLETT}, section 2; the dose-response check of this suite",
    ),
    Claim(
        "normalised margins",
        "Divided by the spectral complexity, the margins of networks on random labels lie below those on true labels.",
        f"{BARTLETT}, figure 2",
    ),
    Claim(
        "complexity tracks the excess risk",
        "While a network trains, its spectral complexity rises with its excess risk, test error less training error.",
        f"{BARTLETT}, figure 1",
    ),
)
