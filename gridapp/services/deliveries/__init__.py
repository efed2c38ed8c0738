"""Messages to programs elsewhere: signed webhooks, in order for each receiver, tried again with growing pauses."""
