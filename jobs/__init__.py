"""What happens by itself: welcome messages first, mail and reminders later."""
