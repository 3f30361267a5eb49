"""The known modem models and their makers."""
