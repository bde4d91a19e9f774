"""What is said of one thing: descriptions, profiles, contexts, citations, and the data set itself."""
