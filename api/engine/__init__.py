"""Where queries are evaluated: read, admitted, bounded, run in workers over a store, and streamed back."""
