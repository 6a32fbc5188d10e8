"""Decisions rendered for people."""
