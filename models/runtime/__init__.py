"""The machine that the product runs on: how many threads its libraries take, and compiled loops."""
