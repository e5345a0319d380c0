"""Pages of the partner."""
