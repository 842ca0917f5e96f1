"""Shards of a stage on a Ray cluster. The only place for Ray, and loaded only where somebody asks for it."""
