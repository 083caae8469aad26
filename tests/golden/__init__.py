"""Stored outputs of each system, published network, separator and explanation on clips that the project synthesises."""
