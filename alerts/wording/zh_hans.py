"""我们随产品提供的话术：像一位好顾问那样说，具体、温和、不催。"""

from alerts.wording.words import WRITTEN, Words

_I_AM = "{name}您好，我是{store}的{advisor}[，和{colleague}一起照顾您的车]。"
_SLOTS = (
    "[[您一般{habit}来，]{slot}我可以给您留工位[，大约{minutes}就好][；不合适的话，{slot2}也行]。"
    "您看方便吗？|您哪天方便？我先给您留好工位，省得等。]"
)
_ADVICE = "[上次检查单上记着“{advice}”，这次一起给您看。]"
_CHECK = "免费四轮和电瓶检查"

SCRIPTS: tuple[Words, ...] = (
    Words(
        "due_call",
        _I_AM
        + "[[按您每天{daily_km}算，]您的{car}大约{due_month}该保养了|您的{car}快到保养的日子了]"
        "，提前跟您说一声，不着急。[上次您来是{last_visit}，做的是{last_done}。]"
        + _ADVICE
        + _SLOTS,
        level="yellow",
    ),
    Words(
        "due_call",
        _I_AM + "[上次您说“{last_words}”，我一直记着。]"
        "[[按您每天{daily_km}算，]您的{car}大约{due_month}该保养了|您的{car}快到保养的日子了]"
        "，我想早点替您安排，省得到时候赶。" + _ADVICE + _SLOTS + "有什么事直接找我就行。",
        level="yellow",
        tier="high",
    ),
    Words(
        "due_call",
        _I_AM + "[[按您每天{daily_km}算，]您的{car}到{due_day}就该保养了|您的{car}到保养的时候了]"
        "，怕您忙忘了。" + _ADVICE + _SLOTS,
        level="orange",
    ),
    Words(
        "due_call",
        _I_AM + "[[按您每天{daily_km}算，]您的{car}到{due_day}就该保养了|您的{car}到保养的时候了]"
        "，您的时间要紧，我先替您看好了位子。[上次您说“{last_words}”，我一直记着。]"
        + _ADVICE
        + _SLOTS
        + "到了直接找我。",
        level="orange",
        tier="high",
    ),
    Words(
        "due_call",
        _I_AM
        + "您的{car}[原定{due_day}保养，]现在[过了{overdue_weeks}|刚过日子]，不是催您，是怕您忙"
        "忘了。[车也该跑了{km_now}了，早点看看心里踏实。]" + _ADVICE + _SLOTS,
        level="red",
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "due_call",
        _I_AM + "您的{car}[原定{due_day}保养，]现在[过了{overdue_weeks}|刚过日子]，我有点不放心，"
        "想亲自问问您。[上次您说“{last_words}”，我一直记着。]是最近太忙，还是我们哪里让您不方便了"
        "？" + _ADVICE + _SLOTS,
        level="red",
        tier="high",
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "due_call",
        "{name}您好，我是{store}的{advisor}。您的{car}[大约{due_month}该保养了|到保养的时候了]，"
        "跟您说一声。[{slot}[或者{slot2}]有空位，[大约{minutes}，]回我一句我就给您留着。|您哪天方"
        "便，回我一句，我给您留好工位。]",
        level=WRITTEN,
    ),
    Words(
        "risk_call",
        _I_AM + "[您{last_visit}来过之后|好一阵子了]，我一直没好好问过您：{car}开着怎么样？"
        "我们有没有哪里做得不周到？[上次让您等了{last_wait}，是我们没安排好，对不起。][您当时说"
        "“{last_words}”，我看到了。]您直说就好，我来跟进。[要是您愿意，{slot}我给您留着工位，[大"
        "约{minutes}，]过程中随时告诉您进度。]",
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "risk_call",
        _I_AM + "[您{last_visit}来过之后|好一阵子了]，我一直惦记着问您一声：{car}开着怎么样？"
        "我们有没有哪里让您不满意？[上次让您等了{last_wait}，是我们没安排好，对不起。][您当时说"
        "“{last_words}”，我看到了。]您直说就好，这件事我亲自跟。以后您有事直接找我。[要是您愿意，"
        "{slot}我给您留着工位，我在店里等您。]",
        tier="high",
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "risk_call",
        "{name}您好，我是{store}的{advisor}。[您{last_visit}来过之后|好一阵子了]，一直没好好问过"
        "您：{car}开着怎么样？[上次让您等了{last_wait}，是我们没安排好，对不起。]有哪里不满意，您"
        "直接回我，我来跟进。",
        level=WRITTEN,
    ),
    Words(
        "critical",
        "{name}您好，我是{store}负责售后的{advisor}。您[{last_visit}]来保养{car}之后给的评价我看"
        "了[，您说“{last_words}”]。[那天让您等了{last_wait}。]这是我们没做好，我先跟您道歉，不找"
        "理由。想请您说说当时的情况：哪一步最让您不舒服？我今天就去查，明天给您答复。这件事由我跟"
        "到底，您随时直接找我。",
    ),
    Words(
        "critical",
        "{name}您好，我是{store}负责售后的{advisor}。您来保养{car}之后给的评价我看了[，您说"
        "“{last_words}”]，是我们没做好，对不起。您方便的时候回我一句，或者告诉我几点打给您，我想"
        "听您说说当时的情况，再跟您说我们怎么补救。",
        level=WRITTEN,
    ),
    Words(
        "complaint",
        "{name}您好，我是{store}负责售后的{advisor}。您为{car}反映的[{complaint}]问题我看到了，先"
        "跟您说声对不起，是我们没做好。我想先听您说说当时的情况，再跟您说清楚怎么补救、什么时候办"
        "完。这件事由我本人负责到底，您随时直接找我。[车要是需要再看，{slot}我给您留着工位，我在"
        "店里等您。]",
    ),
    Words(
        "complaint",
        "{name}您好，我是{store}负责售后的{advisor}。您为{car}反映的[{complaint}]问题我看到了，对"
        "不起，是我们没做好。这件事由我本人负责到底。您什么时候方便，我当面或者电话听您说，再给您"
        "一个办完的日子。",
        level=WRITTEN,
    ),
    Words(
        "overdue_30",
        _I_AM
        + "您的{car}[在{due_day}就该保养了，到现在{overdue_weeks}|过了保养的日子]，这么久没跟您联系"
        "上，是我们的不周。您是最近忙，还是有什么不方便？直说没关系。[车也该跑了{km_now}了，"
        "机油和刹车最好看一眼。]" + _ADVICE + _SLOTS,
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "overdue_30",
        "{name}您好，我是{store}的{advisor}。您的{car}过了保养的日子[，到现在{overdue_weeks}了]，"
        "有点不放心，问您一声。[{slot}有空位，回我一句我就给您留着。|您哪天方便，回我一句就行。]"
        "已经在别处做过了也告诉我，我把下次的日子记准。",
        level=WRITTEN,
        offer=_CHECK,
        offer_cost=60,
    ),
    Words(
        "second_visit_48h",
        _I_AM
        + "[{last_visit}]您的{car}在我们这儿做了首保，开着都还顺吗？有没有哪里没给您讲清楚的？"
        "[那天让您等了{last_wait}，下次我提前安排好。][检查单上记着“{advice}”，不急，我给您记"
        "着。][下次保养大约在{due_month}，咱们一起先记个日子，到时候我提前给您留工位。|咱们一起先"
        "记个下次保养的日子，到时候我提前给您留工位。]",
    ),
    Words(
        "second_visit_48h",
        "{name}您好，我是{advisor}。[{last_visit}]您的{car}做了首保，开着都还顺吗？有没讲清楚的地"
        "方随时问我。[下次保养大约在{due_month}，我先给您记着，到时候提前告诉您。]",
        level=WRITTEN,
    ),
    Words(
        "second_visit_7d",
        "{name}您好，我是{store}的{advisor}。首保过去一周了，[上次检查单上记着“{advice}”，这几天"
        "开着有什么感觉？|您的{car}这几天开着都正常吧？]有任何小问题随时发我，不用专门跑一趟。"
        "{car}的事，问我就行。",
    ),
    Words(
        "second_visit_7d",
        "{name}您好，我是{advisor}。首保过去一周了，[检查单上记着“{advice}”，这几天开着有什么感"
        "觉？|您的{car}这几天开着都正常吧？]有小问题随时发我。",
        level=WRITTEN,
    ),
    Words(
        "second_visit_14d",
        _I_AM + "[[按您每天{daily_km}算，]您的{car}大约{due_day}该做第二次保养了"
        "|您的{car}快到第二次保养了]。[[您一般{habit}来，]我给您看了{slot}[和{slot2}]，"
        "[大约{minutes}，]您哪个方便？|您哪天方便？我先给您留好工位。]" + _ADVICE,
    ),
    Words(
        "second_visit_14d",
        "{name}您好，我是{advisor}。您的{car}[大约{due_day}|快到时候]该做第二次保养了。[我给您看"
        "了{slot}[和{slot2}]，[大约{minutes}，]您回我一个就行。|您哪天方便，回我一句，我给您留工"
        "位。]",
        level=WRITTEN,
    ),
    Words(
        "second_visit_3d",
        _I_AM
        + "[跟您确认一下，{appointment}您的{car}来做第二次保养，工位给您留好了[，大约{minutes}]。"
        "要是临时有变，跟我说一声就换。|您的{car}[{due_day}|这几天]就到第二次保养了，[{slot}还有"
        "空位[，大约{minutes}]，给您留着吗？|您哪天方便？我给您留个工位。]]",
    ),
    Words(
        "second_visit_3d",
        "{name}您好，我是{advisor}。[{appointment}您的{car}来做第二次保养，工位给您留好了[，大约"
        "{minutes}]。临时有变，回我一句就换。|您的{car}[{due_day}|这几天]就到第二次保养了，"
        "[{slot}还有空位，回我一句就给您留着。|您哪天方便，回我一句就行。]]",
        level=WRITTEN,
    ),
    Words(
        "booking_confirm",
        _I_AM + "跟您确认一下：[{appointment}|约好的时间]给您的{car}留好了工位[，大约{minutes}]，"
        "请带上行驶证，到了直接找我。[上次检查单上记着“{advice}”，一起看。]要是临时有变，跟我说一"
        "声，换个时间就行。",
    ),
    Words(
        "booking_confirm",
        "{name}您好，我是{advisor}。[{appointment}|约好的时间]给您的{car}留好了工位[，大约"
        "{minutes}]，请带上行驶证。临时有变，回我一句，换个时间就行。",
        level=WRITTEN,
    ),
    Words(
        "callback",
        "{name}您好，我是{store}的{advisor}，[说好{promised_at}|之前说好]给您回电，现在方便讲两句"
        "吗？"
        "您的{car}[大约{due_month}该保养了|该安排保养了]，" + _SLOTS,
    ),
    Words(
        "callback",
        "{name}您好，我是{advisor}。[说好{promised_at}|之前说好]给您回电，怕打扰您，就先写给您："
        "您的{car}[大约{due_month}该保养了|该安排保养了]，[{slot}[或者{slot2}]有空位，]您看哪天方"
        "便？回我一句就行。",
        level=WRITTEN,
    ),
    Words(
        "retry",
        "{name}您好，我是{store}的{advisor}。前几天给您打过[{attempts}]电话，您可能在忙，不是急"
        "事："
        "您的{car}[[按每天{daily_km}算，]大约{due_month}该保养了|到保养的时候了]。" + _SLOTS,
    ),
    Words(
        "retry",
        "{name}您好，我是{store}的{advisor}。打过[{attempts}]电话，没赶上您方便的时候，就写给您："
        "您的{car}[大约{due_month}该保养了|到保养的时候了]。[{slot}[或者{slot2}]我可以给您留工"
        "位，[大约{minutes}，]回我一句就行。|您哪天方便，回我一句就行。]暂时不需要也告诉我一声，"
        "我就不再打扰。",
        level=WRITTEN,
    ),
    Words(
        "correct_data",
        "{name}您好，我是{store}的{advisor}。登记的号码好像打不通了，您现在用哪个号码方便？改好之"
        "后，{car}的保养和召回通知才不会漏掉您。",
    ),
    Words(
        "correct_data",
        "{name}您好，我是{store}的{advisor}。听说您的{car}换主人了，想跟您核对一下，是转给家人，"
        "还是卖掉了？记准之后，就不再为这台车打扰您。",
        level="sold",
    ),
    Words(
        "correct_data",
        "{name}您好，我是{store}的{advisor}。听说您搬家了，{car}以后还在我们这边保养吗？要是不方"
        "便，我把保养记录整理给您，到哪家店都用得上。",
        level="moved",
    ),
    Words(
        "correct_data",
        "{name}您好，我是{store}的{advisor}。登记的号码好像打不通了，您方便回我一个现在用的号码"
        "吗？这样{car}的保养和召回通知才不会漏掉您。",
        level=WRITTEN,
    ),
)
