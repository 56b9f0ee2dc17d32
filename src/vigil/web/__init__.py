"""The page: everything a person does with Vigil, on a phone held in the dark. Its own process, its own doors."""
