"""Builds a release of the KIP graph from the ontology, the shapes and the curated facts."""
