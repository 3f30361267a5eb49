"""The blueprint that the pages of a drill share."""

from flask import Blueprint

blueprint = Blueprint("drills", __name__, url_prefix="/drills")
