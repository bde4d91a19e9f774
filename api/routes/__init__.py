"""The routes, one module for each part of the server; each has a `router`."""
