"""The sources: each looks at one part of the world and returns what it saw."""
