"""The AT dialogue on an open port: set-up, SIM, submit, storages."""
