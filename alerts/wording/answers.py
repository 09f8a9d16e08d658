"""Honest answers to the five usual refusals: the next step, then leave in peace."""

from alerts.wording.words import Answer

CHINESE: tuple[Answer, ...] = (
    Answer(
        "price",
        "太贵了",
        "明白，价钱是该先问清楚。我把{car}这次要做的项目和价钱一项项发给您，哪项不急的可以先不"
        "做。您看了再定，不做也没关系。",
    ),
    Answer(
        "convenience",
        "太远了",
        "您说得对，来一趟不容易。[您一般{habit}方便，]我给您排一个不用等的时间，一趟做完[，大约"
        "{minutes}]。要是离家近的店更合适也没关系，按时做就好，记录我帮您留着。",
    ),
    Answer(
        "competitor",
        "在别处做了",
        "没关系，车有人照看就好。方便的话告诉我做了什么、多少公里，我把{car}下次的日子记准。召回"
        "和质保里的项目，随时找我。",
    ),
    Answer(
        "waiting",
        "上次太慢",
        "您说得对，[上次让您等了{last_wait}，|上次让您久等了，]是我们没安排好。这次工位和配件我提"
        "前备好，要是赶不上说好的时间，我马上告诉您。您愿意再试一次吗？不愿意我也理解。",
    ),
    Answer(
        "other",
        "再考虑考虑",
        "好的，您慢慢想。我把{car}要做的项目和[{slot}这个时间|可以来的时间]发给您，您定了回我一句"
        "就行。我先不打扰您了。",
    ),
)

ENGLISH: tuple[Answer, ...] = (
    Answer(
        "price",
        "Too expensive",
        "I understand, a price should be clear beforehand. I will send you each item for your "
        "{car} with its price, and what is not urgent can wait. Have a look and decide; no is a "
        "good answer, too.",
    ),
    Answer(
        "convenience",
        "Too far",
        "You are right, it is a way. [As you usually come {habit}, |]I will find a time without "
        "waiting, so that one trip is enough[, about {minutes}]. If a workshop nearer home suits "
        "you better, that is all right: what matters is that it is done, and I keep the record "
        "for you.",
    ),
    Answer(
        "competitor",
        "Done elsewhere",
        "That is all right, your {car} is being looked after. If you tell me what was done and "
        "at how many kilometres, I will put the next date right. For recalls and the warranty "
        "come to me any time.",
    ),
    Answer(
        "waiting",
        "Too slow last time",
        "You are right, [last time it took {last_wait}, |it took too long, ]and we planned that "
        "badly. This time place and parts are ready before you come, and if we cannot keep the "
        "time, I tell you at once. Would you give us another try? I understand if not.",
    ),
    Answer(
        "other",
        "I will think about it",
        "Of course, take your time. I will send you what your {car} needs and [{slot} as a "
        "possible time|the times that are free]; a word is enough when you have decided. I will "
        "not call again until then.",
    ),
)
