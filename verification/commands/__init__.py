"""The commands of the command line, one concept a file."""
