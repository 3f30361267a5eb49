"""Signs of life of this process and its threads, for who supervises it: systemd, or `plp run`."""
