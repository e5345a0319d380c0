"""Addresses of this audience."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.demo.look import look
from samtime.web.demo.mail import mails, mails_json

urlpatterns: list[URLPattern | URLResolver] = [
    path("look", look, name="demo_look"),
    path("mail", mails, name="demo_mail"),
    path("mail.json", mails_json, name="demo_mail_json"),
]
