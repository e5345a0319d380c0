"""`samtime settings`: every environment variable with its usual value and meaning."""

SETTINGS = {
    "DATABASE_URL": ("embedded", "where the application role connects, postgresql://..."),
    "DATABASE_OWNER_URL": ("embedded", "the owner role, for migrations only"),
    "DATA": (".samtime", "data folder of the demo and of the embedded database"),
    "SAMTIME_DATA": (".samtime", "the same, for the programs that the demo starts"),
    "PORT": ("8000", "port of the web server"),
    "HOST": ("127.0.0.1", "address the web server listens at"),
    "WEB_WORKERS": ("1", "web processes, each with eight threads"),
    "SAMTIME_BASE_URL": ("http://127.0.0.1:8000", "address people reach the product at"),
    "SAMTIME_HOSTS": ("127.0.0.1,localhost", "host names that are answered"),
    "SAMTIME_PROXIES": ("0", "own proxies in front, whose word on the visitor's address counts"),
    "SAMTIME_SECRET_KEY": ("none", "signs sessions and forms; must be set to serve"),
    "SAMTIME_KEYS": ("none", "field encryption; comma-separated, the first writes, all read"),
    "SAMTIME_DEMO": ("0", "demo routes and demo data"),
    "SAMTIME_DEMO_STARTED": ("now", "set by the demo: its flood limits count from here"),
    "DJANGO_SETTINGS_MODULE": ("samtime.settings", "another settings module of your own"),
    "SAMTIME_DEBUG": ("0", "development only"),
    "SAMTIME_POOL_SIZE": ("8 when serving", "database connections of one web process"),
    "SAMTIME_DATABASE_OPTIONS": ("timeouts", "options of every database session"),
    "SAMTIME_PREPARED": ("1", "prepared searches; 0 behind a pooler that does not keep them"),
    "SAMTIME_POSTGRES_BIN": ("wheel", "folder of another PostgreSQL's programs to embed"),
    "SAMTIME_POSTGRES_NAMESPACE": ("1", "as root: run the embedded server in a user namespace"),
    "SAMTIME_NODE_MODULES": ("node_modules", "where the front-end packages lie"),
    "SAMTIME_SMTP_HOST": ("127.0.0.1", "mail relay"),
    "SAMTIME_SMTP_PORT": ("25", "mail relay's port"),
    "SAMTIME_SMTP_USER": ("", "mail relay's user"),
    "SAMTIME_SMTP_PASSWORD": ("", "mail relay's password"),
    "SAMTIME_SMTP_TLS": ("0", "STARTTLS to the relay"),
    "SAMTIME_MAIL_FROM": ("Samtime <no-reply@...>", "sender of mails"),
    "SAMTIME_BOUNCE_DOMAIN": ("bounce.samtime.example", "domain of bounce addresses (VERP)"),
    "SAMTIME_SECURITY_CONTACT": ("security@...", "whom /.well-known/security.txt names"),
    "SAMTIME_OUTWARD_ALLOW": ("", "host:port,... inside or by http that may be called, no other"),
    "SAMTIME_BRREG_URL": ("data.brreg.no", "Norwegian company register"),
    "SAMTIME_ANAF_URL": ("webservicesp.anaf.ro", "Romanian tax register"),
    "SAMTIME_VIES_URL": ("ec.europa.eu", "European VAT register"),
    "SAMTIME_LOG_LEVEL": ("WARNING", "how much is written to the log"),
}


def run(arguments: list[str]) -> int:
    """Print the list."""
    for name, (usual, meaning) in SETTINGS.items():
        print(f"{name:<28} {meaning} [{usual}]")
    return 0
