from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def enter(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def lost_code(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def visit(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def write(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def stop(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def undo_stop(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def close(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")

