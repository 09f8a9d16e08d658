"""Labels of the boards' items."""

from django.utils.translation import gettext_lazy

NODES = {
    "first": gettext_lazy("1st service"),
    "second": gettext_lazy("2nd service"),
    "third": gettext_lazy("3rd service"),
    "fourth": gettext_lazy("4th service"),
    "out_of_warranty": gettext_lazy("past warranty"),
}
# Satisfaction with the first service (LIFE-7).
BANDS = {
    "high": gettext_lazy("90 and more"),
    "mid": gettext_lazy("70 to 89"),
    "low": gettext_lazy("below 70"),
}
STAGES = {
    "awareness": gettext_lazy("Awareness"),
    "first_experience": gettext_lazy("First experience"),
    "growth": gettext_lazy("Growth"),
    "maturity": gettext_lazy("Maturity"),
    "decline": gettext_lazy("Decline"),
    "lost": gettext_lazy("Lost"),
}
# What the arrow of a stage counts, of all who were in the stage during the period.
STAGE_ARROWS = {
    "awareness": gettext_lazy("→ %(share)s came"),
    "first_experience": gettext_lazy("→ %(share)s came again"),
    "growth": gettext_lazy("→ %(share)s grew up"),
    "maturity": gettext_lazy("→ %(share)s fell off"),
    "decline": gettext_lazy("← %(share)s came back"),
    "lost": gettext_lazy("← %(share)s won back"),
}
# What is wrong with the data (alerts.rules.health).
PROBLEMS = {
    "dead_phone": gettext_lazy("Wrong or missing phone number"),
    "stale_odometer": gettext_lazy("No odometer reading for a year"),
    "no_owner": gettext_lazy("No active advisor"),
    "no_consent": gettext_lazy("Consent never asked"),
    "duplicate_phone": gettext_lazy("The same number under several customers"),
    "duplicate_car": gettext_lazy("The same plate on several cars"),
    "came": gettext_lazy("Cars that fell due"),
    "feed": gettext_lazy("Newest visit"),
}
# What a list behind a scorecard holds, and what a manager is asked to look at.
FIGURES = {
    "came": gettext_lazy("customers due"),
    "revenue": gettext_lazy("visits"),
    "csat": gettext_lazy("answers to surveys"),
    "nps": gettext_lazy("would recommend"),
    "owned": gettext_lazy("customers when the period began"),
}
FLAGS = {
    "bulk": gettext_lazy("calls not connected"),
    "moved": gettext_lazy("customers who were lost"),
}
# How far those who fell due are followed (lifecycle/sql/boards/due_followed.sql).
FOLLOWED = {
    "followed": gettext_lazy("all"),
    "answered": gettext_lazy("those followed up"),
    "came": gettext_lazy("those followed up who booked or came"),
    "alone": gettext_lazy("those nobody followed up"),
}
# The members of a store's week (alerts/sql/boards/week.sql).
WEEK = {
    "called": gettext_lazy("calls made"),
    "booked": gettext_lazy("calls with a booking"),
    "arrived": gettext_lazy("customers who came after a call"),
    "visited": gettext_lazy("visits"),
    "due": gettext_lazy("cars whose 30 days after due ran out"),
    "red": gettext_lazy("cars newly red"),
    "orange": gettext_lazy("cars newly orange"),
    "lost": gettext_lazy("customers who became lost"),
    "back": gettext_lazy("lost customers who came back"),
    "complained": gettext_lazy("new complaints"),
    "open": gettext_lazy("complaints not settled at its end"),
    "csat": gettext_lazy("answers to surveys"),
}
