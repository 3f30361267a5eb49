"""The box as a whole: monitoring, incidents, retention, clock steps, the fallback plan."""
