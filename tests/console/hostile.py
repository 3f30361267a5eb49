"""Texts that try to be more than text, and how a page must show them."""

TEXTS = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "quotes": '"\'` onmouseover="alert(1)" \'); DROP TABLE member; --',
    "long": "x" * 100_000,
    "nul": "a\x00b\x1bc\x7f\x85",
    "emoji": "👮🏽‍♀️🚨" * 20,
    "rtl": "\u202eevil\u202c مرحبا \u2066x\u2069",
    "template": "{{ config }}{% raw %}{0}{name} %(name)s %s",
    "lines": "one\r\ntwo\nSet-Cookie: x=y",
    "spaces": " \t\u00a0 ",
    "surrogate": "\udcff",
}


def check(answer):
    assert answer.status_code < 500, answer.status_code
    for markup in ("<script>alert", "<img src=x", 'onmouseover="alert'):
        assert markup not in answer.text
    assert "SECRET_KEY" not in answer.text
    assert not [c for c in answer.text if c in "\x00\x1b\x7f\x85\u202e\u2066"]
