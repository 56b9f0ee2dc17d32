"""The first evening: what is asked, what an answer leads to, and whom to turn to. Pure: data, and functions over it."""
