"""Addresses of sign-in and the person's own pages; our own names live in `account:`.

The pages of django-allauth keep its own names (`account_login`, `mfa_index` ...), which it
reverses itself. Nobody signs up alone: accounts come by invitation.
"""

from allauth.account.views import login, logout
from django.urls import URLPattern, URLResolver, include, path, re_path

from samtime.web.account import (
    again,
    home,
    language,
    links,
    organizations,
    profile,
    second_factor,
    sessions,
)

own: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("organizations/", organizations.organizations, name="organizations"),
    path("account/profile/", profile.profile, name="profile"),
    path("sign-in/again/", again.sign_in_again, name="sign_in_again"),
    path("language/", language.language, name="language"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own, "account"))),
    path(
        "account/second-step/needed/",
        second_factor.second_factor_needed,
        name="second_factor_needed",
    ),
    path("account/signup/", home.by_invitation, name="account_signup"),
    path("account/second-step/", include("allauth.mfa.urls")),
    path("account/sessions/", sessions.sessions, name="usersessions_list"),
    # As allauth has them, with our own answer where a link is dead.
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        links.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    re_path(
        r"^account/confirm-email/(?P<key>[-:\w]+)/$",
        links.ConfirmAddress.as_view(),
        name="account_confirm_email",
    ),
    path("account/", include("allauth.account.urls")),
    # Last, so that these are the addresses the names lead to.
    path("sign-in/", login, name="account_login"),
    path("sign-out/", logout, name="account_logout"),
]
