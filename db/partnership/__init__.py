"""The partnership as a whole: its figures by neighbourhood and month, its papers and its year."""
