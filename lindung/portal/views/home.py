from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def leave(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")

