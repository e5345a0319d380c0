"""Pages that exist in the demo only."""
