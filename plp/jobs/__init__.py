"""What happens by itself: mail both ways, answers, welcome messages, alarms, plan B, retention."""
