"""Sounds that nobody recorded: played, sung or made to look like a corpus."""
