"""The page of outgoing e-mail."""
