"""A list that stays alive: numbers that get no alerts, and the yearly question whether a member stays."""
