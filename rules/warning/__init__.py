"""The text of an alert: the elements that warning research asks for, and ready-made texts with fields."""
