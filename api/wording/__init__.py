"""What people read: the words of the pages in Korean and English, and how values and particles are written."""
