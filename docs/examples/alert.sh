#!/bin/sh
# alert.sh ORDER.json: orders an alert and shows what became of it. The file is an Order of /api/v1/openapi.json, such as
#   {"text": "…", "texts": {"nl": "…"}, "audience": {"all": true}, "idempotency_key": "incident-4711"}
# The same file again sends nothing twice. PLP_URL: the box; PLP_TOKEN_FILE: a token for broadcasts:send and
# broadcasts:read; PLP_CA: the box's certificate, where it has one of its own.
set -eu
ask() {
    curl --silent --show-error ${PLP_CA:+--cacert "$PLP_CA"} --retry 5 --oauth2-bearer "$(cat "$PLP_TOKEN_FILE")" "$@"
}
placed=$(ask --json "@$1" "$PLP_URL/api/v1/broadcasts")
id=$(printf %s "$placed" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
if [ -z "$id" ]; then
    printf '%s\n' "$placed" >&2 # a problem: "code" says why, "detail" is for people
    exit 1
fi
ask "$PLP_URL/api/v1/broadcasts/$id"
