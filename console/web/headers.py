"""The security headers of every answer."""

from flask import Flask, Response, request

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# A browser that was here once asks in the clear no more, and shows no button to pass over a bad certificate.
TLS_ONLY_FOR_S = 365 * 24 * 3600


def init_headers(app: Flask) -> None:
    """No frames, no foreign scripts, and no page of ours left in a shared computer's cache."""
    app.after_request(_harden)


def _harden(response: Response) -> Response:
    # The preview of a mail is no page of ours, and brings a policy of its own.
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers["X-Content-Type-Options"] = "nosniff"
    # flask-wtf wants the referrer under TLS, so it goes to ourselves and to nobody else.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={TLS_ONLY_FOR_S}; includeSubDomains"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
