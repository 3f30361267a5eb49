"""The suite's clock in the processes that tests start: this folder is the first of their PYTHONPATH."""
