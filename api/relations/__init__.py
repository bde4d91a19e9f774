"""How things are related: paths, neighbourhoods and what two things share, told in sentences."""
