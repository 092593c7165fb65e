from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def entrance(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def carry_on(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")


def step(request: HttpRequest, slug: str = "") -> HttpResponse:
    return render(request, "portal/home.html")

