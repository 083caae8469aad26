"""Stored outputs of every shipped system, separator and explanation on clips that this project synthesises."""
