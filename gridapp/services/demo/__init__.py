"""The sample district in the database: drawn from a seed, loaded once in one transaction, with tasks in every stage."""

from gridapp.services.demo.loading import PARTS, Loaded, load, loaded
from gridapp.services.demo.password import demo_password

__all__ = ["PARTS", "Loaded", "demo_password", "load", "loaded"]
