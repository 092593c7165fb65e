"""Addresses of the public front door. They are short and dull: a browser history must not tell a story."""

from __future__ import annotations

from django.urls import path

from lindung.portal.views import help as help_views
from lindung.portal.views import home, mailbox, steps
from lindung.portal.views import sending as sending_views

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("privasi/", home.privacy, name="privacy"),
    path("keluar/", home.leave, name="exit"),
    path("bantuan/", help_views.channels, name="help"),
    path("bantuan/<slug:slug>/", help_views.screen, name="help_screen"),
    path("lapor/", steps.entrance, name="report"),
    path("lapor/lanjut/", steps.carry_on, name="continue"),
    path("lapor/periksa/", sending_views.check, name="check"),
    path("lapor/kirim/", sending_views.send, name="send"),
    path("lapor/kode/", sending_views.receipt, name="receipt"),
    path("lapor/kode/tidak-bisa/", sending_views.cannot_keep, name="cannot_keep"),
    path("lapor/selesai/", sending_views.done, name="done"),
    path("lapor/<slug:slug>/", steps.step, name="step"),
    path("kotak/", mailbox.enter, name="mailbox"),
    path("kotak/kode-hilang/", mailbox.lost_code, name="mailbox_lost"),
    path("kotak/isi/", mailbox.visit, name="mailbox_visit"),
    path("kotak/isi/tulis/", mailbox.write, name="mailbox_write"),
    path("kotak/isi/pendapat/", mailbox.say, name="mailbox_say"),
    path("kotak/isi/berhenti/", mailbox.stop, name="mailbox_stop"),
    path("kotak/isi/lanjutkan/", mailbox.undo_stop, name="mailbox_undo"),
    path("kotak/tutup/", mailbox.close, name="mailbox_close"),
]
