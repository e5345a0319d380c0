"""Pages of the network operator."""
