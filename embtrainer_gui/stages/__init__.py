"""One callable for each stage: ``run(ctx, ...)``. The command line and the worker call them; nothing else does."""
