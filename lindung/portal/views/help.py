from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def channels(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def screen(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")

