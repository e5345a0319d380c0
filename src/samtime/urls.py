"""Every address of the product: pages, sign-in, JSON API."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("samtime.web.account.urls")),
    path("", include("samtime.web.public.urls")),
    path("o/<slug:slug>/", include("samtime.web.provider.urls")),
    path("o/<slug:slug>/partner/", include("samtime.web.partner.urls")),
    path("o/<slug:slug>/insurer/", include("samtime.web.insurer.urls")),
    path("o/<slug:slug>/operator/", include("samtime.web.operator.urls")),
    path("api/v1/", include("samtime.api.v1.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("samtime.web.demo.urls")))
