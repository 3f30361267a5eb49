"""Pages of the partnership as a whole: its figures, its papers, and the account of its year."""
