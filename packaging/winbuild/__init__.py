"""Builds Linkage GUI for Windows: on Windows itself, or on Debian with Wine and mingw.

Each module is one step. :mod:`winbuild.__main__` runs them in order.
"""
