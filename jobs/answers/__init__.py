"""Answers to texts that came in: what each means, and whether anything goes back by itself."""

from jobs.answers.judging import answer_texts
from jobs.answers.meaning import Reading, meaning, read

__all__ = ["Reading", "answer_texts", "meaning", "read"]
