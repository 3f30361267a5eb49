"""Signs of life of this process and its threads, told to who supervises it: systemd, or `plp run`."""
