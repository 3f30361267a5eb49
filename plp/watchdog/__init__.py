"""Signs of life of this process and its threads, for its supervisor: systemd, or `plp run`."""
