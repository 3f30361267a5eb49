"""Mail as a durable queue: what is put into it leaves once, or says why not.

Whoever has something to say calls `enqueue_letter`; `plp.jobs.smtp` claims, sends and marks; a person decides about
what did not leave.
"""
