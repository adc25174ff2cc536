"""Annotary for Python: `annotary.stats` says who is right, and how sure."""
__version__ = '0.1.0'
