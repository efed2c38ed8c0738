"""What is done to a task: acting by the table of stages, what each action needs and sets, lists and documents."""
