"""The page of the fallback plan: phone tree and archive."""
