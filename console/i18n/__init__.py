"""Languages: catalogues, formats, and the sentence for each stored code."""
