"""What the literature says of width and depth in approximation."""

from __future__ import annotations

from genbounds.verification.studies.phenomenon import Claim

CLAIMS = (
    Claim(
        "sawtooth",
        "The k-fold sawtooth is a ReLU network of 3 k units and has 2^k affine pieces on [0, 1].",
        "Telgarsky 2016, section 2",
        "2^k pieces with 3k units",
    ),
    Claim(
        "no shallow sawtooth",
        "A shallow network of 3 k units has at most 3 k + 1 pieces: it is on the wrong side of 1/2 at (2^k - 3 k - 1)/2 or more of the "
        "sawtooth's 2^k + 1 extreme points.",
        "Telgarsky 2015, Theorem 1.1; Telgarsky 2016, Theorem 1.1",
    ),
    Claim(
        "pieces along a line",
        "Along a line a ReLU network has at most prod (1 + w_l) affine pieces, which is below (2 w)^L.",
        "Telgarsky 2016, Lemma 3.2; Montufar, Pascanu, Cho and Bengio 2014 in one dimension",
        "(2 w)^L",
    ),
    Claim(
        "few pieces",
        "Random networks of any depth have about as many pieces along a line as they have units, far fewer than they could have.",
        "Hanin and Rolnick 2019, Complexity of linear regions in deep networks, Theorem 1",
    ),
    Claim(
        "Barron's bound",
        "In any dimension, for any measure on the unit ball, some network of n step units is within 2 C/sqrt(n) of f in root mean "
        "square, where C is the mean of ||w|| under the Fourier transform of f.",
        "Barron 1993, Theorem 1",
        "(2 r C)^2/n",
    ),
    Claim(
        "Barron's rate",
        "The error of n units drawn from the integral representation of f falls like 1/sqrt(n), in every dimension.",
        "Barron 1993, proof of Theorem 1",
        "1/sqrt(n)",
    ),
    Claim(
        "width against depth",
        "A deep network of 4 k units approximates x^2 up to 4^-(k+1); one hidden layer of as many units achieves 1/(8 (4 k + 1)^2) "
        "at best.",
        "Yarotsky 2017, Proposition 2; the shallow side by the distance of x^2 from a line",
    ),
    Claim(
        "training",
        "Of two trained networks with equally many parameters, the deep one fits the sawtooth better.",
        "Telgarsky 2016 shows that it can; whether training finds it is not said",
    ),
)
