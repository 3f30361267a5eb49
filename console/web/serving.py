"""The process of the console: its address, its certificate, the application and the server."""

from base.settings.values import Settings
from console.web.app import create_app
from console.web.server import run
from db.engine.connection import kept_connections
from plp.services.machine import beating
from plp.serving import check_certificate, listening_socket


def serve(settings: Settings, demo: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. Raises Refusal for an address or a certificate that cannot be used."""
    tls = check_certificate(settings.console)
    listener = listening_socket(settings.console)
    app = create_app(settings, demo)
    with kept_connections(), beating(settings.host):
        run(app, listener, tls)
