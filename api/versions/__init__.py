"""Releases in time: the older ones below their own paths, the one of a moment, and permanent links to answers."""
