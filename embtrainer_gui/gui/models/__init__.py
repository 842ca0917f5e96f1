"""Table models over the project."""
