"""Outgoing mail: claimed from the queue, sent to the SMTP server by smtplib, and marked with its outcome."""
