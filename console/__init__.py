"""The web console: pages and the JSON API."""
