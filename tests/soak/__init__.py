"""The long runs: `make soak`, for SOAK_SECONDS in all (600). Never part of `make test` or `make check`.

A soak is a test with the mark `soak(share)`, which takes the fixture `budget`: its part of the time that is left. Each
round has a seed of its own (`budget.rounds`), named when it fails; `SOAK_SEED` repeats it. What came out is written
into docs/proof.md by `tests.soak.figures.note`.
"""
