"""Evidence for eyes: words for the terminal, tables, pictures, and a page. Everything is read off the JSON."""
