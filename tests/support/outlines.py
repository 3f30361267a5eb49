"""Outlines of neighbourhoods, as GeoJSON."""

import json

NAMES = ("Plainevaux", "Rotheux", "Neuville")


def square(x, y, size=0.01):
    return [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]


def feature(name, x, y, kind="Polygon", **properties):
    coordinates = square(x, y) if kind == "Polygon" else [square(x, y), square(x + 0.05, y)]
    return {
        "type": "Feature",
        "properties": {"nom": name, **properties},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


GOOD = collection(
    feature("PLAINEVAUX", 5.50, 50.54, code=1),
    feature("Rotheux", 5.48, 50.54, "MultiPolygon", code=2),
    feature("Neuville", 5.52, 50.54, code=3),
    feature("Ailleurs", 5.60, 50.60, code=4),
)
