"""The blueprint that the pages of this package share."""

from flask import Blueprint

blueprint = Blueprint("care", __name__, url_prefix="/members")
