"""Tests of what the package brings."""
