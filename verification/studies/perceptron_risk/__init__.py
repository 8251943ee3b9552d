"""The perceptron's theorems and what happens: mistakes, both sides of the proof, expected risks, and data that are not separable."""
