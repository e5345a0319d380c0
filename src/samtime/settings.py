"""Settings: every one is an environment variable, listed by `samtime settings`."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = Path(os.environ.get("SAMTIME_NODE_MODULES", str(ROOT / "node_modules")))


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "samtime.foundation.backend",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(options.pop("port", parts.port or "")),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            **options,
            # Django's own cursors never prepare; foundation/prepared.py does.
            "prepare_threshold": 5 if PREPARED else None,
            "options": os.environ.get("SAMTIME_DATABASE_OPTIONS", DATABASE_OPTIONS),
            **({"pool": {"min_size": 1, "max_size": POOL_SIZE, "timeout": 2}} if POOL_SIZE else {}),
        },
    }


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in ("1", "true", "yes", "on")


DATABASE_OPTIONS = (
    "-c statement_timeout=5000 -c lock_timeout=1000 "
    "-c idle_in_transaction_session_timeout=10000 -c jit=off -c TimeZone=UTC "
    "-c plan_cache_mode=force_generic_plan"
)
DEMO = _flag("SAMTIME_DEMO", False)
DEBUG = _flag("SAMTIME_DEBUG", False)
# Flood limits of the demo are counted from its last start (INTERFACE.md section 3).
_STARTED = os.environ.get("SAMTIME_DEMO_STARTED", "")
DEMO_STARTED_AT = datetime.fromisoformat(_STARTED) if _STARTED else None
# Off behind a pooler that does not keep prepared statements (pgbouncer before 1.22).
PREPARED = _flag("SAMTIME_PREPARED", True)
POOL_SIZE = int(os.environ.get("SAMTIME_POOL_SIZE", "0"))
DATA = Path(os.environ.get("SAMTIME_DATA", str(ROOT / ".samtime")))
SECRET_KEY = os.environ.get("SAMTIME_SECRET_KEY", "only-for-tests-and-commands-without-secrets")
# Field encryption and search keys (D30): comma-separated, the first writes, all read.
SAMTIME_KEYS = [
    k for k in os.environ.get("SAMTIME_KEYS", "only-for-tests-0123456789abcdef").split(",") if k
]
BASE_URL = os.environ.get("SAMTIME_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = [h for h in os.environ.get("SAMTIME_HOSTS", "127.0.0.1,localhost").split(",") if h]
if DEMO:
    ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

DATABASES = {
    "default": _database(os.environ.get("DATABASE_URL", "postgresql://samtime_app@/samtime"))
}
SECURITY_CONTACT = os.environ.get("SAMTIME_SECURITY_CONTACT", "")
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "ninja",
    "samtime.journal",
    "samtime.inbox",
    "samtime.mailbox",
    "samtime.connectors",
    "samtime.documents",
    "samtime.accounts",
    "samtime.organizations",
    "samtime.catalog",
    "samtime.calendars",
    "samtime.channels",
    "samtime.patients",
    "samtime.bookings",
    "samtime.partners",
    "samtime.billing",
    "samtime.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "samtime.web.middleware.SecurityHeaders",
    "samtime.web.health.Health",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "samtime.web.middleware.SignedIn",
    "samtime.web.middleware.Language",
    "samtime.web.middleware.RequestSize",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "samtime.api.door.ApiTransaction",
]
ROOT_URLCONF = "samtime.urls"
WSGI_APPLICATION = "samtime.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "src" / "samtime" / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["samtime.accounts.sign_in.ByAddress"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "samtime.web.account.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "samtime.web.account.forms.SignIn",
    "add_email": "samtime.web.account.forms.AddAddress",
    "change_password": "samtime.web.account.forms.ChangePassword",
    "reset_password": "samtime.web.account.forms.ResetPassword",
    "reset_password_from_key": "samtime.web.account.forms.NewPasswordByLink",
}
# P18 per account and network, P19 per address; the rest is allauth's own.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/15m/ip,5/15m/key",
    "reset_password": "20/m/ip,3/h/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("SAMTIME_PROXIES", "0"))
# Tries are counted for all web processes together; the demo counts from its last start.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if DEMO
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "samtime_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# Nobody signs up alone: the invitation's link has proved the address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Samtime"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "samtime.web.account.forms.AddPasskey"}
# Browsers allow passkeys at http://localhost; everywhere else they want https.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
LOGIN_URL = "/sign-in/"
CSRF_FAILURE_VIEW = "samtime.web.account.again.token_refused"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https:")
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "samtime.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("nb", "Norsk"), ("ro", "Română"), ("hu", "Magyar")]
LOCALE_PATHS = [ROOT / "src" / "samtime" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [
    ROOT / "src" / "samtime" / "web" / "static",
    ("vendor/inter", NODE_MODULES / "@fontsource-variable" / "inter"),
    ("vendor/htmx", NODE_MODULES / "htmx.org" / "dist"),
    ("vendor/chart", NODE_MODULES / "chart.js" / "dist"),
]
STATICFILES_DIRS = [d for d in STATICFILES_DIRS if not isinstance(d, tuple) or d[1].is_dir()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("SAMTIME_SMTP_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("SAMTIME_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("SAMTIME_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SAMTIME_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("SAMTIME_SMTP_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("SAMTIME_MAIL_FROM", "Samtime <no-reply@samtime.example>")
BOUNCE_DOMAIN = os.environ.get("SAMTIME_BOUNCE_DOMAIN", "bounce.samtime.example")

# Calls to other systems: the only places inside, or by plain http, that may be called (P15).
OUTWARD_ALLOW = frozenset(
    filter(None, os.environ.get("SAMTIME_OUTWARD_ALLOW", "").lower().replace(" ", "").split(","))
)
BRREG_URL = os.environ.get("SAMTIME_BRREG_URL", "https://data.brreg.no/enhetsregisteret/api")
ANAF_URL = os.environ.get("SAMTIME_ANAF_URL", "https://webservicesp.anaf.ro/api/PlatitorTvaRest")
VIES_URL = os.environ.get("SAMTIME_VIES_URL", "https://ec.europa.eu/taxation_customs/vies/rest-api")

DATA_UPLOAD_MAX_MEMORY_SIZE = 21 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 21 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
UPLOAD_LIMIT = 20 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "samtime.web.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []
PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_IMPORT_PATHS = [
    f"samtime.jobs.{name}" for name in ("tasks", "schedule", "feeds", "failed")
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "samtime.foundation.log_lines.LogLine",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("SAMTIME_LOG_LEVEL", "WARNING")},
}
