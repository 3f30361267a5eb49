"""The ground of every process: config.ini, the watchdog, the sentences' catalogues. It knows nothing of the product."""
