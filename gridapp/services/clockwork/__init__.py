"""What a task's clock does by itself: calendars, due steps and their doing, the holders' time, how the jobs are doing.

Every step is done in one transaction together with its mark, so that it happens once, whoever was killed meanwhile.
"""
