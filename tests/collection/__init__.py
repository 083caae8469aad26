"""Tests of the collection package and its command."""
