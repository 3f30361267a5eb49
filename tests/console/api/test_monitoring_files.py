"""What monitoring is given (packaging/prometheus, packaging/grafana) against what /metrics exports."""

import json
import re
from pathlib import Path

import pytest
import yaml

from console.api.metrics import exposition
from console.i18n.labels import MODEM_STATES
from db.engine.clock import utc_now

PACKAGING = Path(__file__).parents[3] / "packaging"
ALERTS = yaml.safe_load((PACKAGING / "prometheus" / "plp-alerte.rules.yml").read_text("utf-8"))
DASHBOARD = json.loads((PACKAGING / "grafana" / "plp-alerte.json").read_text("utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]


@pytest.fixture
def exported(database):
    return set(re.findall(r"^# TYPE (\w+) gauge$", exposition(utc_now()).decode(), re.M))


def test_each_metric_that_is_named_is_exported_and_each_that_is_exported_is_shown(exported):
    named = set(re.findall(r"\bplp_\w+", " ".join(EXPRESSIONS)))
    assert named == exported
    assert all("plp_" in expression or expression.startswith("up{") for expression in EXPRESSIONS)


def test_states_and_lanes_that_alerts_name_exist():
    told = re.findall(r'(state|lane)(?:=|!~)"([a-z_|]+)"', " ".join(EXPRESSIONS))
    words = {label: {word for each, value in told if each == label for word in value.split("|")} for label, _ in told}
    assert words["state"] <= MODEM_STATES.keys()
    assert words["lane"] <= {"urgent", "normal", "held"}


def test_each_alert_says_what_is_wrong_and_how_bad_it_is():
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]


def test_panels_stand_side_by_side():
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    taken = {(x, y) for place in places for x in range(place["x"], place["x"] + place["w"])
             for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
    assert len(taken) == sum(place["w"] * place["h"] for place in places)
