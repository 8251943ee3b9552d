"""Risk against the number of examples: power laws, with and without a floor, beside the exponents of the bounds."""
