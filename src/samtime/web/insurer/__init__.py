"""Pages of insurers."""
