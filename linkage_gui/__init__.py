"""Linkage GUI: may NHS England commissioning data be linked to a non-health dataset?"""

__version__ = "0.1.0"
