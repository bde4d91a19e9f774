"""Matching other people's tables with the graph (Reconciliation Service API)."""
