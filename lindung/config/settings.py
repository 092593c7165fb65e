"""Settings of the platform. Everything that differs between two installations is an environment variable.

| variable | meaning | default |
|---|---|---|
| LINDUNG_DATA_DIR | folder of the embedded database, collected static files, outgoing mail of the demo | ./var |
| LINDUNG_SECRETS_DIR | folder of the keys, off the data disk | $CREDENTIALS_DIRECTORY, else data/secrets |
| LINDUNG_DATABASE | postgresql://user:password@host:port/name; empty for the embedded SQLite | empty |
| LINDUNG_DRAFTS_PATH | file of the half-written reports; put it on a memory disk | data/drafts.sqlite3 |
| LINDUNG_TOMBSTONES | file that remembers what was shredded; kept outside backups | data/tombstones |
| LINDUNG_STANDARDS_DIR | folder of further service standards (`lindung standards load`) | data/standards |
| LINDUNG_HOSTS | comma-separated host names; a security key answers to one of them | 127.0.0.1,localhost |
| LINDUNG_HTTPS | 1 when visitors come over TLS: secure cookies, HSTS | 1 |
| LINDUNG_DEMO | 1 marks every page as a demonstration and lets the demo accounts in with the passphrase alone | 0 |
| LINDUNG_TRUSTED_PROXY | 1 when a proxy of ours sets X-Real-IP (used in memory only, for fair turns) | 0 |
| LINDUNG_EXIT_URL | where "Keluar cepat" leads | https://www.bmkg.go.id/ |
| LINDUNG_PRIVACY_CONTACT | who answers questions about personal data, one line for the page /privasi/ | empty |
| LINDUNG_CONSENT_READING | reading of the law on a child's consent: protective or strict (decision 0014) | protective |
| LINDUNG_EMAIL_URL | smtp://user:password@host:port?tls=1; empty writes alerts into data/outbox | empty |
| LINDUNG_ALERT_FROM | sender of the content-free alerts | lindung@localhost |
| LINDUNG_PUBLIC_URL | where staff find the door, for alerts: https://lindung.example.org | the first host |
| LINDUNG_ALERT_WEBHOOK | address that a content-free alert is posted to; empty for none | empty |
"""

from __future__ import annotations

import os
import secrets as _random
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF


def _flag(name: str, default: str = "0") -> bool:
    return os.environ.get(name, default).strip().lower() in {"1", "true", "yes", "on"}


BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("LINDUNG_DATA_DIR", "var")).resolve()
LINDUNG_DATA_DIR = DATA_DIR
LINDUNG_SECRETS_DIR = Path(
    os.environ.get("LINDUNG_SECRETS_DIR") or os.environ.get("CREDENTIALS_DIRECTORY") or DATA_DIR / "secrets"
)
LINDUNG_DRAFTS_PATH = Path(os.environ.get("LINDUNG_DRAFTS_PATH") or DATA_DIR / "drafts.sqlite3")
LINDUNG_TOMBSTONES = Path(os.environ.get("LINDUNG_TOMBSTONES") or DATA_DIR / "tombstones")
LINDUNG_STANDARDS_DIR = Path(os.environ.get("LINDUNG_STANDARDS_DIR") or DATA_DIR / "standards")
LINDUNG_DEMO = _flag("LINDUNG_DEMO")
LINDUNG_HTTPS = _flag("LINDUNG_HTTPS", "1")
LINDUNG_TRUSTED_PROXY = _flag("LINDUNG_TRUSTED_PROXY")
LINDUNG_PRIVACY_CONTACT = os.environ.get("LINDUNG_PRIVACY_CONTACT", "")
LINDUNG_CONSENT_READING = os.environ.get("LINDUNG_CONSENT_READING", "protective")
LINDUNG_EXIT_URL = os.environ.get("LINDUNG_EXIT_URL", "https://www.bmkg.go.id/")
LINDUNG_PUBLIC_URL = os.environ.get("LINDUNG_PUBLIC_URL", "")
LINDUNG_ALERT_WEBHOOK = os.environ.get("LINDUNG_ALERT_WEBHOOK", "")

# Argon2id: (memory in KiB, passes, lanes). Passphrases: RFC 9106 second recommendation with fewer lanes.
# Receipts carry 59.8 random bits and the pepper: the OWASP minimum is enough and keeps 25 sends a second.
LINDUNG_ARGON_PASSPHRASE = (65536, 3, 1)
LINDUNG_ARGON_RECEIPT = (19456, 2, 1)
LINDUNG_DERIVATIONS_AT_ONCE = 2

# Rules of the house, in the units that their names state.
LINDUNG_WALK_MIN_SECONDS = 20
LINDUNG_WALK_IDLE_MINUTES = 30
LINDUNG_WITHDRAWAL_DAYS = 7
LINDUNG_RETENTION_DAYS = 90
LINDUNG_RETENTION_UNREAD_DAYS = 180
LINDUNG_CASE_RETENTION_DAYS = 1825
LINDUNG_ESCALATION_MINUTES = 15
LINDUNG_BACKUP_DAYS = 30
LINDUNG_IDLE_MINUTES = 60
LINDUNG_SESSION_HOURS = 12
LINDUNG_WORDS_MAX_CHARACTERS = 20_000
LINDUNG_DUTY_CACHE_SECONDS = 15
LINDUNG_TAKEDOWN_DAYS = 3
LINDUNG_TAKEDOWN_REMIND_HOURS = 24
LINDUNG_CONTACT_VERIFY_DAYS = 180
LINDUNG_DIRECTORY_VERIFY_DAYS = 180
# A break is suggested, to the person alone, after so many heavy reports or minutes without one; 0 never suggests.
LINDUNG_BREAK_AFTER_HEAVY = 8
LINDUNG_BREAK_AFTER_MINUTES = 90
# Calendar days between two regular talks that each person is owed.
LINDUNG_SUPERVISION_DAYS = 30
LINDUNG_IDEMPOTENCY_DAYS = 30
LINDUNG_PARTNER_REFERENCE_DAYS = 730
LINDUNG_API_SENDS_AT_ONCE = 16
# Statistics show no number from 1 to just below this one; what was counted is remembered for so many seconds.
LINDUNG_SMALL_CELL = 5
LINDUNG_STATISTICS_SECONDS = 300

DEBUG = False
_secret_file = LINDUNG_SECRETS_DIR / "django_secret_key"
# Without its secrets the platform can still print help and create them; `lindung check` and `serve` refuse to go on.
SECRET_KEY = _secret_file.read_text().strip() if _secret_file.is_file() else _random.token_urlsafe(48)
ALLOWED_HOSTS = [h.strip() for h in os.environ.get("LINDUNG_HOSTS", "127.0.0.1,localhost").split(",") if h.strip()]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "lindung.core",
    "lindung.audit",
    "lindung.vault",
    "lindung.accounts",
    "lindung.places",
    "lindung.directory",
    "lindung.reporting",
    "lindung.takedown",
    "lindung.desk",
    "lindung.partners",
    "lindung.series",
    "lindung.breaches",
    "lindung.casework",
    "lindung.referrals",
    "lindung.care",
    "lindung.statistics",
    "lindung.portal",
    "lindung.api",
    "lindung.workspace",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lindung.core.middleware.NoStoreMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last, so that a refusal speaks the page's language and its form carries a valid token.
    "lindung.core.middleware.CleanInputMiddleware",
]

ROOT_URLCONF = "lindung.config.urls"
WSGI_APPLICATION = "lindung.config.wsgi.application"
FORM_RENDERER = "lindung.core.renderers.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.csrf",
                "lindung.core.context.site",
            ],
            "builtins": ["lindung.core.templatetags.lindung"],
        },
    }
]


def _postgres(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ValueError("LINDUNG_DATABASE: expected postgresql://user:password@host:port/name")
    query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # Compiling a query pays for hours of analysis, never for a page that takes a tenth of a second.
        # Statements that the server keeps are those of core.prepared alone.
        "OPTIONS": {
            "connect_timeout": 3,
            "options": "-c synchronous_commit=on -c jit=off",
            "prepare_threshold": 0,
            **query,
        },
    }


_database_url = os.environ.get("LINDUNG_DATABASE", "")
DATABASES: dict[str, dict[str, object]] = {
    "default": _postgres(_database_url)
    if _database_url
    else {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "lindung.sqlite3",
        "OPTIONS": {
            # IMMEDIATE is what removes "database is locked"; the rollback journal with FULL is safe on every SQLite.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
        },
        "CONN_MAX_AGE": None,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["lindung.accounts.backends.PassphraseBackend"]
LOGIN_URL = "accounts:sign_in"

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"

STATIC_URL = "/statis/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "lindung.core.uploads.NoStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600

FILE_UPLOAD_HANDLERS = ["lindung.core.uploads.RefuseUploads"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# Cookies: short dull names, gone with the browser, never sent from another site.
SESSION_COOKIE_NAME = "s"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = LINDUNG_HTTPS
CSRF_COOKIE_NAME = "t"
CSRF_COOKIE_AGE = None
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = LINDUNG_HTTPS
CSRF_FAILURE_VIEW = "lindung.config.errors.expired_form"
LANGUAGE_COOKIE_NAME = "l"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer would make browsers send `Origin: null` and lose the form
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if LINDUNG_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if LINDUNG_TRUSTED_PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Nothing of a visitor may reach a log: only our own formatter, which prints no message arguments of errors.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"quiet": {"()": "lindung.core.logs.QuietFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "quiet"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.security": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "lindung": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

_mail = urlsplit(os.environ.get("LINDUNG_EMAIL_URL", ""))
if _mail.scheme == "smtp":
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_TLS = parse_qs(_mail.query).get("tls", ["0"])[-1] == "1"
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "outbox"
DEFAULT_FROM_EMAIL = os.environ.get("LINDUNG_ALERT_FROM", "lindung@localhost")
