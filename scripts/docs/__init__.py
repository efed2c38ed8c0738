"""What the documents say about the code, written from the code: `python -m scripts.docs` (or `make docs`)."""
