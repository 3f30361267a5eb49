#!/bin/sh
# Orders an alert to everybody and shows what became of it. PLP_URL: the box; PLP_TOKEN_FILE: a token for broadcasts:send
# and broadcasts:read; PLP_CA: the box's certificate, where it has one of its own. The text is the first argument.
set -eu
ask() {
    curl --silent --show-error ${PLP_CA:+--cacert "$PLP_CA"} --retry 5 --oauth2-bearer "$(cat "$PLP_TOKEN_FILE")" "$@"
}
# The same key again, after an answer that was lost, sends nothing twice.
key=$(date +%s)-$$
text=$(printf %s "$1" | sed 's/["\\]/\\&/g')
body=$(printf '{"text": "%s", "audience": {"all": true}, "idempotency_key": "%s"}' "$text" "$key")
placed=$(ask --json "$body" "$PLP_URL/api/v1/broadcasts")
id=$(printf %s "$placed" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
if [ -z "$id" ]; then
    printf '%s\n' "$placed" >&2 # a problem: "code" says why, "detail" is for people
    exit 1
fi
ask "$PLP_URL/api/v1/broadcasts/$id"
