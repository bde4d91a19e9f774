"""The server: it opens a release and answers SPARQL, canned queries, IRIs and pages over HTTP."""
