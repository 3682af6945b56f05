"""Everything a student can read and everything that steers it, loaded and validated."""
