"""What the product decides and does, whoever asks."""
