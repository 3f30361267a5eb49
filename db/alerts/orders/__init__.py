"""Orders of broadcasts: admission, agreement, limits, writing into the queue, and what a person may do afterwards."""
