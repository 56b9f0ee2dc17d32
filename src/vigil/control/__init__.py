"""What may be done: the states of the watch, the ladder, the guard, the controller. Pure."""
