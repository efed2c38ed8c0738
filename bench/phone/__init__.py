"""What the phone page weighs, how long it takes, what a week away costs: a real browser before the real server."""
