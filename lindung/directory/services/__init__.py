"""What may be done with the directory. The actor comes first; each write is one transaction with one audit event."""

from __future__ import annotations

from .editing import (
    OrganisationInput,
    ServiceInput,
    end,
    link_team,
    retire_service,
    save_organisation,
    save_service,
    verify,
)
from .exporting import export
from .importing import DryRun, Outcome, import_table, try_out

__all__ = [
    "DryRun",
    "OrganisationInput",
    "Outcome",
    "ServiceInput",
    "end",
    "export",
    "import_table",
    "link_team",
    "retire_service",
    "save_organisation",
    "save_service",
    "try_out",
    "verify",
]
