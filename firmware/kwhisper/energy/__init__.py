"""Use, peaks and cost. Imported only with the setting `energy`; what it counts: docs/energy.md."""
