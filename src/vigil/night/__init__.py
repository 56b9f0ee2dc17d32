"""One night, whole: the loop, its transcript and its report. Pure."""
