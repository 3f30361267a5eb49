"""When each job runs: the loop, the daily hours, and what one failing job leaves to the others."""
