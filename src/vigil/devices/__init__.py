"""What Vigil can hear and what it can touch the sleeper with: codecs and outputs, each knowing only the domain."""
