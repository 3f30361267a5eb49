"""Mail as a durable queue: `enqueue_letter` puts in, `plp.jobs.smtp` claims, sends and marks, a person decides."""
