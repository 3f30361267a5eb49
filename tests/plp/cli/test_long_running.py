"""`plp console`, `plp modem` and `plp jobs` leave what they loaded out of each later search for garbage."""

import gc

import pytest
from click.testing import CliRunner

from console.web import server
from modem.daemon import daemon
from plp.cli.main import main
from plp.jobs import scheduler
from tests.support.processes import in_a_thread


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "module", "runs"), [("console", server, "_serve"), ("modem", daemon, "run"), ("jobs", scheduler, "run")]
)
def test_what_is_loaded_is_searched_for_garbage_no_more(command, module, runs, tmp_path, monkeypatch):
    config = tmp_path / "config.ini"
    config.write_text("[database]\nurl = sqlite:///plp.db\n[console]\nlisten = 127.0.0.1:0\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["--config", str(config), "migrate"]).exit_code == 0
    found = []

    def look(*_given):
        found.append((gc.get_freeze_count(), sum(len(gc.get_objects(generation)) for generation in range(3))))

    async def serve(_pages, listener, _tls):
        listener.close()
        look()

    run = in_a_thread if module is server else (lambda function, *given: function(*given))
    monkeypatch.setattr(module, runs, serve if module is server else look)
    gc.unfreeze()
    try:
        answer = run(CliRunner().invoke, main, ["--config", str(config), command])
    finally:
        gc.unfreeze()
    assert answer.exit_code == 0, answer.output
    [(kept, searched)] = found
    assert kept > 50_000 > 10 * searched
