"""Stored outputs of every shipped system, separator, student and explanation on clips that this project synthesises."""
