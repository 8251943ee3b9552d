"""The commands of the command line, one concept per file."""
