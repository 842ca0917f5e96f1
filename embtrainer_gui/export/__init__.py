"""What leaves a project: indexes, tables, benchmark layouts."""
