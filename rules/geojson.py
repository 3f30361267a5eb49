"""GeoJSON (RFC 7946) read into the rings of named areas; a fault of a file is reported in a sentence."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rules.geometry import Point, Ring
from rules.refusals import Refusal

MAXIMUM_BYTES = 5 * 1024 * 1024
MAXIMUM_POINTS = 50_000
# Belgium with its borders, in degrees: what lies outside was exported in another system, or with its axes swapped.
WEST, EAST, SOUTH, NORTH = 2.3, 6.6, 49.3, 51.7

_KNOWN_SYSTEMS = ("crs84", "4326", "wgs84")


@dataclass(frozen=True, slots=True)
class Area:
    """One feature: its properties as texts, and its closed rings of (longitude, latitude) in degrees."""

    number: int
    properties: dict[str, str]
    rings: list[Ring]


def read_areas(content: bytes) -> list[Area]:
    """The areas of a FeatureCollection. Raises Refusal with the feature's number and what to do."""
    if len(content) > MAXIMUM_BYTES:
        raise Refusal("Le fichier dépasse 5 Mo : simplifiez les limites avant de l'exporter.")
    # Each is an object in memory before anything can be counted; a point is one bracket.
    if content.count(b"[") + content.count(b"{") > 2 * MAXIMUM_POINTS:
        raise _too_many_points()
    document = _parsed(content)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise Refusal("Ce fichier n'est pas une FeatureCollection GeoJSON : exportez-le à nouveau au format GeoJSON.")
    # RFC 7946 knows only WGS 84; older programs name another system in `crs`.
    system = json.dumps(document.get("crs")).casefold().replace(" ", "").replace(":", "")
    if system != "null" and not any(known in system for known in _KNOWN_SYSTEMS):
        raise Refusal("Le fichier est dans un autre système de coordonnées : exportez-le en WGS 84 (EPSG:4326).")
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise Refusal("Le fichier ne contient aucune limite.")
    areas = [_area(number, feature) for number, feature in enumerate(features, 1)]
    if sum(len(ring) for area in areas for ring in area.rings) > MAXIMUM_POINTS:
        raise _too_many_points()
    return areas


def _too_many_points() -> Refusal:
    return Refusal("Les limites comptent plus de {most} points : simplifiez-les.", most=MAXIMUM_POINTS)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refusal("Le fichier n'est pas en UTF-8 : exportez-le à nouveau au format GeoJSON.") from None
    except json.JSONDecodeError as error:
        raise Refusal("Ligne {line} : ce n'est pas du GeoJSON lisible.", line=error.lineno) from None
    except (RecursionError, ValueError):  # a number of five thousand digits is none
        raise Refusal("Ce n'est pas du GeoJSON lisible.") from None


def _area(number: int, feature: Any) -> Area:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise Refusal("Limite n° {number} : ce n'est pas une surface (Polygon ou MultiPolygon).", number=number)
    coordinates = geometry.get("coordinates")
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    rings = [_ring(number, ring) for polygon in _listed(number, polygons) for ring in _listed(number, polygon)]
    properties = feature.get("properties")
    texts = {
        str(name): str(value).strip()
        for name, value in (properties.items() if isinstance(properties, dict) else ())
        if isinstance(value, str | int) and not isinstance(value, bool)
    }
    return Area(number, texts, rings)


def _listed(number: int, value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise Refusal("Limite n° {number} : coordonnées absentes ou mal ordonnées.", number=number)
    return value


def _ring(number: int, ring: Any) -> Ring:
    points = list(_points(number, _listed(number, ring)))
    if points[0] != points[-1]:
        points.append(points[0])
    if len(points) < 4:
        raise Refusal("Limite n° {number} : au moins trois points sont nécessaires.", number=number)
    return points


def _points(number: int, ring: list[Any]) -> Iterator[Point]:
    for position in ring:
        if not isinstance(position, list) or len(position) < 2:
            raise Refusal("Limite n° {number} : coordonnées absentes ou mal ordonnées.", number=number)
        longitude, latitude = position[0], position[1]
        if not all(type(value) in (int, float) and math.isfinite(value) for value in (longitude, latitude)):
            raise Refusal("Limite n° {number} : une coordonnée n'est pas un nombre.", number=number)
        if not (WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH):
            raise Refusal(
                "Limite n° {number} : hors de Belgique. Exportez en WGS 84 (EPSG:4326), pas en mètres "
                "(Lambert), la longitude d'abord.",
                number=number,
            )
        yield float(longitude), float(latitude)
