"""The indicators: one YAML file each, checked against indicator.schema.json."""

from lindung_redflags.catalogue.loading import grids, load, parameters_from
from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test

__all__ = ["Catalogue", "Conditions", "Indicator", "Test", "grids", "load", "parameters_from"]
