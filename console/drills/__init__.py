"""Drills: a space of their own, with other pages, colours and words than an alert, on the same path to the phones."""
