"""Addresses of sign-in, the own account, key grants and people, mounted at /kerja/."""

from __future__ import annotations

from django.urls import path

from lindung.accounts import people_views, views

app_name = "accounts"

urlpatterns = [
    path("masuk/", views.sign_in, name="sign_in"),
    path("masuk/kode/", views.second_factor, name="second_factor"),
    path("masuk/pasang/", views.enrol, name="enrol"),
    path("masuk/pasang-kunci/", views.enrol_key, name="enrol_key"),
    path("masuk/frasa/", views.choose_passphrase, name="choose_passphrase"),
    path("keluar/", views.sign_out, name="sign_out"),
    path("akun/", views.account, name="account"),
    path("akses/", people_views.grants, name="grants"),
    path("akses/<uuid:grant_id>/", people_views.grant_decide, name="grant_decide"),
    path("orang/", people_views.people, name="people"),
    path("orang/tambah/", people_views.person_add, name="person_add"),
    path("orang/<uuid:user_id>/", people_views.person, name="person"),
    path("orang/<uuid:user_id>/berhenti/", people_views.person_deactivate, name="person_deactivate"),
    path("orang/<uuid:user_id>/setel-ulang/", people_views.person_reset, name="person_reset"),
]
