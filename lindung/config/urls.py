"""Every address of the platform. Indonesian stands at the root, English below /en/."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from lindung.config.health import health

urlpatterns = [
    path("healthz", health, name="health"),
    path("api/v1/", include("lindung.api.urls")),
    *i18n_patterns(
        path("kerja/", include("lindung.accounts.urls")),
        path("kerja/", include("lindung.workspace.urls")),
        path("", include("lindung.portal.urls")),
        prefix_default_language=False,
    ),
]

handler400 = "lindung.config.errors.bad_request"
handler403 = "lindung.config.errors.not_found"
handler404 = "lindung.config.errors.not_found"
handler500 = "lindung.config.errors.server_error"
