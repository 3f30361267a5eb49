"""Languages: catalogues, formats, and the sentence of a stored code."""
