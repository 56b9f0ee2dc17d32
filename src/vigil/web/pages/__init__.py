"""What each address answers: reads what it needs, hands it to a view, and gives the page."""
