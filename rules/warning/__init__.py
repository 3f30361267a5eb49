"""Elements of a warning, as warning research asks for them."""
