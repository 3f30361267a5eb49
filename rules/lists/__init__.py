"""Lists of people in files: rows with their lines, and the field of each column."""
