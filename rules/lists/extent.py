"""The last row that a sheet can have: alone here, for a process that reads one and needs nothing else of lists."""

# Excel's own (ECMA-376 part 1, § 18.3.1.73).
LAST_ROW = 1_048_576
