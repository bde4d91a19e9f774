"""Canned queries: their catalogue and parameters, their answers as tables, files, forms and drawings."""
