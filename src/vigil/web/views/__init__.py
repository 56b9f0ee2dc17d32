"""What each page shows, worked out from records alone: no file, no clock, no request."""
