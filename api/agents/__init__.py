"""Tools for programs that reason in words (Model Context Protocol)."""
