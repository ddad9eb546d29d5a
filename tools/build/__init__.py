"""From the sources of firmware/ to what goes onto the chips."""
