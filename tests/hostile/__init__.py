"""What a hostile public sends, and what breaks by itself: each with the status, the time, the memory and the health."""
