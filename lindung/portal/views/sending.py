from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def check(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def send(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def receipt(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def cannot_keep(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def done(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")

