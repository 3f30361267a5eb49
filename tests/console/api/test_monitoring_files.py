"""What monitoring is given (packaging/prometheus, packaging/grafana) against what /metrics exports."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from console.api.routes import exposition
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


# Series from minute 0 on, and the alerts that fire at minute 20 of them: by Prometheus's own program.
SERIES = {
    'up{job="plp-alerte",instance="a"}': ("0x20", "PlpAway"),
    "plp_ready": ("0x20", "PlpNotReady"),
    "plp_simulated": ("1x20", "PlpSimulated"),
    'plp_queue_parts{lane="urgent"}': ("7x20", "PlpUrgentWaits"),
    'plp_queue_parts{lane="held"}': ("1x20", "PlpHeld"),
    'plp_queue_parts{lane="normal"}': ("900x20", ""),
    'plp_modem_state{host="h",modem="a",state="pin"}': ("1x20", "PlpModemDown"),
    'plp_modem_state{host="h",modem="b",state="suspended"}': ("1x20", ""),
    'plp_modem_proven_seconds_ago{host="h",modem="a"}': ("90001+60x20", "PlpModemUnproven"),
    "plp_mail_oldest_waiting_seconds": ("3601+60x20", "PlpMailWaits"),
    'plp_mail_server_up{host="h"}': ("0x20", "PlpMailServerDown"),
    'plp_disk_full_in_days{host="h"}': ("29x20", "PlpDiskFills"),
}


@pytest.mark.client
@pytest.mark.slow
def test_prometheus_reads_the_rules_and_each_fires_when_it_should(tmp_path):
    if not shutil.which("promtool"):  # a package of its own since Debian 13
        pytest.skip("apt-get install promtool")
    told = {alert for _, alert in SERIES.values() if alert}
    for series, (values, alert) in SERIES.items():
        tests = [
            {"alertname": name, "eval_time": "20m", "exp_alerts": [] if name != alert else _fires(name, series, values)}
            for name in told
        ]
        unit = {"interval": "1m", "input_series": [{"series": series, "values": values}], "alert_rule_test": tests}
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.yml"
        rules = str(PACKAGING / "prometheus" / "plp-alerte.rules.yml")
        file.write_text(json.dumps({"rule_files": [rules], "evaluation_interval": "1m", "tests": [unit]}))
    for command in (("check", "rules", rules), ("test", "rules", *map(str, sorted(tmp_path.iterdir())))):
        ended = subprocess.run(("promtool", *command), capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def _fires(name, series, values):
    rule = next(rule for rule in RULES if rule["alert"] == name)
    labels = dict(re.findall(r'(\w+)="(\w[\w-]*)"', series))
    value = {"90001+60x20": "91201", "3601+60x20": "4801"}.get(values, values.partition("x")[0])
    summary = rule["annotations"]["summary"].replace("{{ $value }}", value)
    for label in labels:
        summary = summary.replace(f"{{{{ $labels.{label} }}}}", labels[label])
    return [{"exp_labels": labels | rule["labels"], "exp_annotations": {"summary": summary}}]
