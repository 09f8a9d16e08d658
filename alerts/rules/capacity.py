"""TASK-5: how much of a person's list fits into the day."""


def places_of(capacity: int, done: int) -> int:
    """What a day's capacity still takes after `done` customers were dealt with."""
    return max(0, capacity - done)


def fitting(calls: int, duties: int, places: int) -> int:
    """How many of the cards that ask for a call fit: every obligation, by value what is left.

    `duties` are those of the `calls` that are obligations. A card with the manager asks for no
    call: it is in neither number, takes no place and is never put off.
    """
    return min(calls, max(duties, places))
