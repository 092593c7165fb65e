"""The indicators: one YAML file each, checked against indicator.schema.json."""

from lindung_redflags.catalogue.loading import load
from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test

__all__ = ["Catalogue", "Conditions", "Indicator", "Test", "load"]
