"""Risk against the number of examples: power laws, with and without a floor, and the exponents of the bounds."""
