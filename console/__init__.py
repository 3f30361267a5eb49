"""What people see: pages and the JSON API."""

from console.app import create_app

__all__ = ["create_app"]
