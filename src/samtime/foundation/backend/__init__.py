"""Django's PostgreSQL backend; savepoints and commits go straight through the driver's library."""
