"""Measurements. Each prints what it measured; none judges a time."""
