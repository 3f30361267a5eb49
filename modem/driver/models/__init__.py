"""What is known of modem models and their makers."""
