"""Every figure of the behavioural model in one place, each with the reason it has this size.

The model knows nothing of retention rates. They come out of what people meet (waiting, prices,
faults, reminders) and of who they are; these figures say how strongly they react.
"""

from __future__ import annotations

# --- the trade -----------------------------------------------------------------------------------
YEARS = 6  # long enough that a three-year warranty has ended a year ago for a third of the cars
SECOND_CAR_SHARE = 0.09  # households that buy a second car from the group while we watch
TRADE_IN_SHARE = 0.5  # of those, how many give the first car in exchange
REFERRAL_SHARE = 0.11  # new customers who say that a friend sent them
CROSS_STORE_SHARE = 0.015  # visits at another store of the group, because it was on the way
OTHER_ADVISOR_SHARE = 0.12  # visits received by a colleague because the own advisor was busy
CONTACTLESS_SHARE = 0.06  # customers who gave no consent to anything at delivery
LEFT_DAYS = 75  # days ago one advisor left; not every customer has been handed over
HISTORY_MONTHS = 14  # months of app figures: a year to compare, and two for the running ones

# --- deciding to come (log-odds) -----------------------------------------------------------------
FIRST_CHECK = 2.75  # a free first check a month after delivery: nearly everybody takes it
LATER_CHECK = -0.05  # later services cost money and time; a plain car, an average experience
EXPERIENCE = 1.20  # per 10 points of the last experience: by far the strongest reason to return
EXPERIENCE_MIDDLE = 86.0  # the experience that neither pulls nor pushes
HABIT = 0.40  # per service from the third on, at most 4: who has come thrice has a workshop
DISTANCE = 0.40  # per 2.7 times the way; beyond 20 km a chain workshop is nearer
PRICE = 1.3  # for the most price-minded against the least, times how dear the make is
COMPETITOR = 0.45  # a quick-service chain around the corner
WARRANTY_END = 0.75  # nothing holds the customer to the maker's workshop any more
BATTERY_CAR = 0.55  # fewer independent workshops dare to touch a high-voltage car
CALLED = 0.50  # a personal call makes an undecided customer come; a text hardly does
COMPLAINT_SETTLED = 0.5  # a complaint settled within days gives back part of the trust
COMPLAINT_IGNORED = 0.9  # one that drags on takes more away than the fault did

# --- when they come (days against the due date) --------------------------------------------------
DELAY_PUNCTUAL = -6.0  # organised people come a little before the date
DELAY_FORGETFUL = 24.0  # the most forgetful come weeks after it
DELAY_SPREAD = 8.0  # journeys, illness, weather
REMINDED_DELAY = 0.75  # who answered a reminder comes a quarter sooner than he would have
LOW_MILEAGE_DELAY = 14.0  # "I have hardly driven": mean extra wait when the odometer stands still

# --- the experience of one visit (points of 100) -------------------------------------------------
CONTENT = 94.0  # most visits are simply all right
WARMTH = 2.6  # some people give good marks more easily
ATTENTION = 2.2  # an advisor who listens, per standard deviation
WAIT_FREE = 1.10  # up to a tenth over the promised time nobody minds
WAIT_PAIN = 36.0  # points for a visit that takes double the promised time, a patient person half
PRICE_SHOCK = 9.0  # a bill well above the usual one, for the most price-minded
FAULT_SHARE = 0.045  # work done twice, a rude word, a bill that was not agreed
FAULT_PAIN = 27.0
NOISE = 3.2

# --- leaving for good and coming back ------------------------------------------------------------
MOVE_HAZARD = 0.016  # a year: moved out of Shanghai
SELL_HAZARD = (0.005, 0.02, 0.045, 0.075, 0.10, 0.12)  # by year of age: cars are sold from 3 on
SCRAP_HAZARD = 0.003
GONE_KNOWN = 0.6  # how often the store learns that the car is gone
RETURN_SHARE = 0.07  # lost ones who some day come back by themselves
RETURN_DAYS = 300  # after how long, on average
SPECIALIST_SUCCESS = 0.09  # of the lost customers whom a specialist reached

# --- other visits (a year) -----------------------------------------------------------------------
REPAIR_RATE, REPAIR_AGE_RATE = 0.12, 0.05  # more with every year of age
BODYWORK_RATE = 0.12  # bumps in city traffic, paid by the insurer
RECALL_RATE = 0.03
INSPECTION_RATE = 0.05
LOST_FACTOR = 0.16  # a lost customer still comes for a recall or the insurer's repair, rarely

# --- talking to the store ------------------------------------------------------------------------
SURVEY_SHARE = 0.31  # answered surveys; anger and delight both answer more often
COMPLAINT_BELOW = 73.0  # experience under which people complain
COMPLAINT_SHARE = 0.5  # the others say nothing and leave
OPEN_COMPLAINT_DAYS = 40  # what was complained of longer ago has been settled one way or the other
APPOINTMENT_SHARE = 0.62  # visits announced before; the rest drive up
CANCEL_SHARE, NO_SHOW_SHARE = 0.07, 0.05  # of bookings
CONNECT_SHARE = 0.66  # calls that reach somebody who is not avoiding them
WECHAT_REPLY = 0.5  # of those who intend to come

# --- data as it is in life -----------------------------------------------------------------------
BAD_PHONES, SHARED_PHONES = 7, 8  # typing mistakes, families on one number
ODOMETER_TYPOS = 3
NO_ADVISOR_CUSTOMERS = 9
VOID_SHARE = 0.003
EMPTY_CELL_SHARE = 0.06
