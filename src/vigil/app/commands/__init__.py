"""One module a command, each with its own `app`; imported only when called."""
