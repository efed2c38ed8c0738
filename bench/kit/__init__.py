"""The geometry kit measured against the libraries alone, on one layer, in one run: `python -m bench.kit`."""
