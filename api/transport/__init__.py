"""HTTP without any content: formats and their negotiation, validators, errors, connections, logs and metrics."""
