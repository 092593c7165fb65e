"""Columns that cannot hold more than they should."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from lindung.core.clock import coarse


class MinuteField(models.DateTimeField):
    """A moment that is stored in whole minutes: a visit to the portal must not be matched with a line's log."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, datetime):
            value = coarse(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return super().get_db_prep_save(coarse(value) if isinstance(value, datetime) else value, connection)
