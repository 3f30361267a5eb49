"""`plp run`: starts the processes and restarts those that end or hang. It imports neither database nor web."""
