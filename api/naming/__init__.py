"""What things are called: the index of names, and the search that forgives how they are written."""
