"""What the pages show: one class for each page, its frame and its data blocks."""
