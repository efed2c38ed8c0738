"""Who a task goes to by itself: rules, categories that go straight to the worker, the chain upwards, the backstop."""
