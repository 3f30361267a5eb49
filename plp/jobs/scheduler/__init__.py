"""Scheduling of the jobs: a loop of steps, duties at their hours, threads for errands. A failing job stops no other."""
