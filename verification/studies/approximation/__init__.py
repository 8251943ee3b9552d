"""What deep and wide ReLU networks can approximate: sawteeth, pieces along lines, Barron's rate, and width against depth."""
