"""The daemon: one worker per modem, and the policy that drivers do not have."""
