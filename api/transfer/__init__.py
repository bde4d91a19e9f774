"""Carrying a release into a remote engine, in chunks, and holding it to what was sent."""
