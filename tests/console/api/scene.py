"""A program with a token."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from db.engine.clock import utc_now
from db.engine.connection import connected
from plp.services.accounts.links import add_token

TEXT = "Vol rue de la Station, 21h40. Restez chez vous, appelez le 101."


@dataclass
class Program:
    client: FlaskClient
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers)

    def act(self, action: str, body: object = None, broadcast_id: int = 1) -> TestResponse:
        path = f"/api/v1/broadcasts/{broadcast_id}/{action}"
        return (
            self.client.post(path, json=body, headers=self.headers)
            if body is not None
            else self.client.post(path, headers=self.headers)
        )

    def post(self, path: str, body: object = None) -> TestResponse:
        return self.client.post(path, json=body or {}, headers=self.headers)

    def patch(self, path: str, body: object) -> TestResponse:
        return self.client.patch(path, json=body, headers=self.headers)

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(path, headers=self.headers)

    def order(self, **changes: Any) -> TestResponse:
        body = {"text": TEXT, "audience": {"all": True}, **changes}
        return self.client.post("/api/v1/broadcasts", json=body, headers=self.headers)


def program(
    client: FlaskClient, role: str = "officer", name: str = "programme", scopes: Collection[str] = ()
) -> Program:
    with connected():
        return Program(client, add_token(name, role, "test", utc_now(), scopes=scopes))
