"""The call scripts we ship in English: a person speaks to a person, warm, concrete, in no hurry."""

from alerts.wording.words import WRITTEN, Words

_I_AM = "Hello {name}, this is {advisor} of {store}[; I look after your car with {colleague}]. "
_SLOTS = (
    "[[You usually come {habit}: ]I can keep {slot} for you[, about {minutes}][; or {slot2}]. "
    "Would that suit you? |Which day would suit you? I will keep a place. ]"
)
_ADVICE = "[We noted “{advice}”; we will look at it together. ]"
_CHECK = "a free check of wheels and battery"
_DUE_SOON = (
    "[[At {daily_km} a day, y|Y]our {car} will be due for service in {due_month}|Your {car} will "
    "soon be due for service]"
)
_DUE_NOW = (
    "[[At {daily_km} a day, y|Y]our {car} is due for service {due_day}|Your {car} is due for "
    "service]"
)
_OVERDUE = "Your {car} was due [{due_day} and is now {overdue_weeks} late|a short while ago]"

SCRIPTS: tuple[Words, ...] = (
    Words(
        "due_call",
        _I_AM + _DUE_SOON + "; no hurry, I only want you to know in good time. "
        "[You were last here {last_visit}, for {last_done}. ]" + _ADVICE + _SLOTS,
        level="yellow",
    ),
    Words(
        "due_call",
        _I_AM
        + "[You told us “{last_words}”, and I have kept it in mind. ]"
        + _DUE_SOON
        + "; I would like to arrange it early, so that nothing has to be rushed. "
        + _ADVICE
        + _SLOTS
        + "Do call me directly, whatever it is.",
        level="yellow",
        tier="high",
    ),
    Words(
        "due_call",
        _I_AM + _DUE_NOW + ", and I did not want it to slip in a busy week. " + _ADVICE + _SLOTS,
        level="orange",
    ),
    Words(
        "due_call",
        _I_AM + _DUE_NOW + "; your time matters, so I have looked for a place already. "
        "[You told us “{last_words}”, and I have kept it in mind. ]"
        + _ADVICE
        + _SLOTS
        + "Just ask for me when you arrive.",
        level="orange",
        tier="high",
    ),
    Words(
        "due_call",
        _I_AM + _OVERDUE + ". I am not pressing you, I only thought you might be busy. "
        "[It must have done {km_now} by now, so a look would be good. ]" + _ADVICE + _SLOTS,
        level="red",
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "due_call",
        _I_AM + _OVERDUE + ", and I wanted to ask you myself. "
        "[You told us “{last_words}”, and I have kept it in mind. ]"
        "Is it a busy time, or did we make something hard for you? " + _ADVICE + _SLOTS,
        level="red",
        tier="high",
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "due_call",
        "Hello {name}, {advisor} of {store} here. Your {car} is due for service[ in "
        "{due_month}]. [{slot}[ or {slot2}] is free[ and it takes about {minutes}]: answer with "
        "a word and I keep it for you.|Tell me which day suits you and I will keep a place.]",
        level=WRITTEN,
    ),
    Words(
        "risk_call",
        _I_AM
        + "[Since your visit {last_visit} I have|I have] never properly asked you: how is the "
        "{car}, and is there anything we did not do well? [Last time it took {last_wait}; we "
        "planned that badly, and I am sorry. ][You wrote “{last_words}”; I have read it. ]Please "
        "be frank, I will follow it up. [If you like, I keep {slot} for you[, about {minutes}], "
        "and tell you how it is going. ]",
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "risk_call",
        _I_AM + "[Since your visit {last_visit} I have|I have] been meaning to ask you: how is the "
        "{car}, and did we disappoint you in anything? [Last time it took {last_wait}; we "
        "planned that badly, and I am sorry. ][You wrote “{last_words}”; I have read it. ]Please "
        "be frank, I follow this up myself, and from now on just call me. [If you like, I keep "
        "{slot} for you and will be there. ]",
        tier="high",
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "risk_call",
        "Hello {name}, {advisor} of {store} here. [Since your visit {last_visit} I have|I have] "
        "never properly asked you: how is the {car}? [Last time it took {last_wait}; we planned "
        "that badly, and I am sorry. ]If anything was not right, tell me here and I will follow "
        "it up.",
        level=WRITTEN,
    ),
    Words(
        "critical",
        "Hello {name}, this is {advisor}, I answer for service at {store}. I have read what you "
        "said after the visit with your {car}[ {last_visit}][: “{last_words}”]. [That day it "
        "took {last_wait}. ]We did not do well, and I apologise, without excuses. Would you tell "
        "me what happened, and what bothered you most? I look into it today and call you back "
        "tomorrow. I stay with this until it is right; please come to me directly.",
    ),
    Words(
        "critical",
        "Hello {name}, {advisor} here, I answer for service at {store}. I have read what you "
        "said after the visit with your {car}[: “{last_words}”]. We did not do well, and I am "
        "sorry. Would you write me a line, or tell me when I may call? I would like to hear what "
        "happened, and then tell you how we put it right.",
        level=WRITTEN,
    ),
    Words(
        "complaint",
        "Hello {name}, this is {advisor}, I answer for service at {store}. I have seen your "
        "complaint about[ {complaint} with] your {car}. I am sorry: we did not do well. I would "
        "first like to hear what happened, and then tell you how we put it right and by when. I "
        "stay with this myself until it is done; please come to me directly. [If the car should "
        "be seen again, I keep {slot} for you and will be there. ]",
    ),
    Words(
        "complaint",
        "Hello {name}, {advisor} here, I answer for service at {store}. I have seen your "
        "complaint about[ {complaint} with] your {car}, and I am sorry: we did not do well. I "
        "stay with this myself until it is done. When may I call you or meet you, to hear what "
        "happened and to give you a date by which it is settled?",
        level=WRITTEN,
    ),
    Words(
        "overdue_30",
        _I_AM
        + _OVERDUE
        + ", and it is our fault that nobody reached you for so long. Is it a busy "
        "time, or is something in the way? You can be frank. "
        "[It must have done {km_now} by now; oil and brakes deserve a look. ]" + _ADVICE + _SLOTS,
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "overdue_30",
        "Hello {name}, {advisor} of {store} here. Your {car} is past its service[ by "
        "{overdue_weeks}], so I thought I would ask. [{slot} is free: answer with a word and I "
        "keep it for you. |Which day would suit you? ]If it has been serviced elsewhere, tell "
        "me, and I will put the next date right.",
        level=WRITTEN,
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "second_visit_48h",
        _I_AM
        + "Your {car} had its first service with us[ {last_visit}]: is it running well, and is "
        "there anything we did not explain? [That day it took {last_wait}; next time I plan it "
        "better. ][We noted “{advice}”; no hurry, I keep an eye on it. ][The next service will "
        "be in {due_month}: shall we note a day together? I will keep a place.|Shall we note a "
        "day for the next service together? I will keep a place.]",
    ),
    Words(
        "second_visit_48h",
        "Hello {name}, {advisor} here. Is your {car} running well after its first service? Ask "
        "me anything that was not clear. [The next service will be in {due_month}; I have noted "
        "it and will tell you in time.]",
        level=WRITTEN,
    ),
    Words(
        "second_visit_7d",
        "Hello {name}, this is {advisor} of {store}. It is a week since the first service of "
        "your {car}. [We noted “{advice}”: have you felt anything of it? |Is everything as it "
        "should be? ]Send me any small question, you need not come for it.",
    ),
    Words(
        "second_visit_7d",
        "Hello {name}, {advisor} here. It is a week since the first service of your {car}. [We "
        "noted “{advice}”: have you felt anything of it? |Is everything as it should be? ]Send "
        "me any small question.",
        level=WRITTEN,
    ),
    Words(
        "second_visit_14d",
        _I_AM + "[[At {daily_km} a day, y|Y]our {car} is due for its second service {due_day}. "
        "|Your {car} will soon be due for its second service. ][[You usually come {habit}. ]I "
        "have found {slot}[ and {slot2}][, about {minutes}]: would "
        "that suit you? |Which day would suit you? I will keep a place. ]" + _ADVICE,
    ),
    Words(
        "second_visit_14d",
        "Hello {name}, {advisor} here. Your {car} is due for its second service[ {due_day}| "
        "soon]. [I have found {slot}[ and {slot2}][, about {minutes}]: tell me which one suits "
        "you.|Tell me which day suits you and I will keep a place.]",
        level=WRITTEN,
    ),
    Words(
        "second_visit_3d",
        _I_AM + "[May I confirm: your {car} comes for its second service {appointment}[, about "
        "{minutes}]. Your place is kept; if anything changes, tell me and we move it.|Your {car} "
        "is due for its second service[ {due_day}| these days]. [{slot} is still free[, about "
        "{minutes}]: shall I keep it?|Which day would suit you? I will keep a place.]]",
    ),
    Words(
        "second_visit_3d",
        "Hello {name}, {advisor} here. [Your {car} comes for its second service {appointment}[, "
        "about {minutes}]. Your place is kept; if anything changes, write a line and we move "
        "it.|Your {car} is due for its second service[ {due_day}| these days]. [{slot} is still "
        "free: answer with a word and I keep it.|Tell me which day suits you.]]",
        level=WRITTEN,
    ),
    Words(
        "booking_confirm",
        _I_AM
        + "May I confirm your appointment[ {appointment}]: the place for your {car} is kept[, "
        "it takes about {minutes}]. Please bring the vehicle licence and ask for me. [We noted "
        "“{advice}” last time; we will look at it, too. ]If anything changes, tell me and we "
        "move it.",
    ),
    Words(
        "booking_confirm",
        "Hello {name}, {advisor} here. The place for your {car} is kept[ {appointment}][, it "
        "takes about {minutes}]. Please bring the vehicle licence. If anything changes, write a "
        "line and we move it.",
        level=WRITTEN,
    ),
    Words(
        "callback",
        "Hello {name}, this is {advisor} of {store}. I promised to call you back[ "
        "{promised_at}]: is this a good moment? It is about the service of your {car}[, due in "
        "{due_month}]. " + _SLOTS,
    ),
    Words(
        "callback",
        "Hello {name}, {advisor} here. I promised to get back to you[ {promised_at}] and did not "
        "want to disturb you: it is about the service of your {car}[, due in {due_month}]. "
        "[{slot}[ or {slot2}] is free. ]Which day would suit you? A word is enough.",
        level=WRITTEN,
    ),
    Words(
        "retry",
        "Hello {name}, this is {advisor} of {store}. I tried to call you[ {attempts}] these "
        "days; it "
        "is nothing urgent. " + _DUE_SOON + ". " + _SLOTS,
    ),
    Words(
        "retry",
        "Hello {name}, {advisor} of {store} here. I called[ {attempts}] and never found a good "
        "moment, so I write instead: your {car} is due for service[ in {due_month}]. [I can keep "
        "{slot}[ or {slot2}] for you[, about {minutes}]; a word is enough. |Tell me which day "
        "suits you; a word is enough. ]If you do not need it now, tell me, and I will leave you "
        "in peace.",
        level=WRITTEN,
    ),
    Words(
        "correct_data",
        "Hello {name}, this is {advisor} of {store}. The number we have for you no longer seems "
        "to work: which one is right? Then no service or recall notice for your {car} will miss "
        "you.",
    ),
    Words(
        "correct_data",
        "Hello {name}, this is {advisor} of {store}. I hear your {car} has a new owner: did it "
        "stay in the family, or was it sold? Once I have noted it, we will not disturb you about "
        "it again.",
        level="sold",
    ),
    Words(
        "correct_data",
        "Hello {name}, this is {advisor} of {store}. I hear you have moved: will your {car} "
        "still be serviced with us? If that is too far, I will send you its service record; it "
        "is good at any workshop.",
        level="moved",
    ),
    Words(
        "correct_data",
        "Hello {name}, {advisor} of {store} here. The number we have for you no longer seems to "
        "work: would you send me the right one? Then no service or recall notice for your {car} "
        "will miss you.",
        level=WRITTEN,
    ),
)
