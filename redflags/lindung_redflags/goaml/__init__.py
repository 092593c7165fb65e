"""A draft report to the FIU (goAML 5.0.x) from an alert. Needs the extra `goaml`. Everything stays on this machine."""

from lindung_redflags.goaml.command import Wanted, command, read_release, told
from lindung_redflags.goaml.files import read_parties, read_reporter
from lindung_redflags.goaml.model import Alert, Evidence, Hit, Party, Payment, Reporter, Source, Unchecked
from lindung_redflags.goaml.profile import BadProfile, Profile, load_profile, own_profiles
from lindung_redflags.goaml.readiness import Gap, NotReady
from lindung_redflags.goaml.release import Recipient, Refused, Release, ReportState
from lindung_redflags.goaml.report import NotValid, Report, make, readiness, write
from lindung_redflags.goaml.scan import from_scan
from lindung_redflags.goaml.validation import BadSchema, Result, Schema, load_schema

__all__ = [
    "Alert", "BadProfile", "BadSchema", "Evidence", "Gap", "Hit", "NotReady", "NotValid", "Party", "Payment", "Profile",
    "Recipient", "Refused", "Release", "Report", "ReportState", "Reporter", "Result", "Schema", "Source", "Unchecked",
    "Wanted", "command",
    "from_scan", "load_profile", "load_schema", "make", "own_profiles", "read_parties", "read_release", "read_reporter",
    "readiness", "told", "write",
]  # fmt: skip
