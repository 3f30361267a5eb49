"""Lists of people in files: rows with their lines, and the field that a column stands for."""
