"""Garbage collection in the processes that run for weeks."""

import gc


def keep_loaded() -> None:
    """Take every object of now out of the garbage collector's search: modules, tables and routes stay until the end of
    the process. With them a full search takes 65 ms, and every thirtieth page of the console waited for one; without
    them 2 ms (docs/reference/trials.md, "Web").
    """
    gc.collect()
    gc.freeze()
