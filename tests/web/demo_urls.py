"""All addresses, those of the demo included, for tests that are no demo."""

from django.urls import path

from samtime.urls import urlpatterns as usual
from samtime.web.demo.look import look

urlpatterns = [path("demo/look", look), *usual]
