"""Texts that came in, judged: what they mean, who leaves, who said OK, what is answered, and what rings."""
