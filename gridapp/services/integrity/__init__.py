"""The integrity of the record: events chained by hashes, an audit that names what was changed, notes for reviewers."""
