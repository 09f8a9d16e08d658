"""What a good advisor writes down about a person: occupation, interests, dislikes, notes."""

from __future__ import annotations

from random import Random

from exchange.demo.records import Traits

OCCUPATIONS = (
    "小学老师",
    "软件工程师",
    "外企财务",
    "建筑设计师",
    "牙科医生",
    "护士",
    "律师",
    "餐馆老板",
    "物流公司经理",
    "大学教授",
    "公务员",
    "自由摄影师",
    "证券分析师",
    "幼儿园园长",
    "装修公司老板",
    "销售总监",
    "网约车司机",
    "药剂师",
    "航空地勤",
    "产品经理",
    "健身教练",
    "中学体育老师",
    "会计",
    "面包店主",
    "外贸业务员",
    "银行客户经理",
    "自媒体博主",
    "退休工程师",
)
INTERESTS = (
    "钓鱼",
    "露营",
    "摄影",
    "羽毛球",
    "马拉松",
    "自驾游",
    "烘焙",
    "看展",
    "带孩子踢足球",
    "桌游",
    "养猫",
    "遛狗",
    "骑行",
    "咖啡",
    "滑雪",
    "爬山",
    "茶",
    "园艺",
    "越剧",
    "健身",
    "乐高",
    "电影",
    "书法",
    "观鸟",
)
DISLIKES = (
    "不喜欢被推销",
    "不接陌生电话，请先发微信",
    "不喜欢等超过一小时",
    "怕烟味",
    "午休时间勿打扰",
    "不要洗发动机舱",
    "不喜欢车内香水",
    "不要动座椅位置",
    "不要改收音机频道",
    "不喜欢被催",
    "价格要先说清楚",
    "不爱填问卷",
)
_FAMILY = (
    "女儿今年上小学，来店喜欢画画。",
    "儿子三岁，后排装了安全座椅。",
    "二胎刚出生，太太常开这台车。",
    "父母同住，常带老人看病。",
    "新婚，打算明年要孩子。",
    "孩子在外地读大学，寒暑假接送。",
    "家里两只猫，常带去看医生。",
    "独自带孩子，时间紧，尽量快。",
    "外公也会开，讲解慢一点。",
)
_SMALL = (
    "喝美式，不加糖。",
    "喜欢靠窗的座位。",
    "来店自带电脑办公，记得给插座。",
    "喜欢看师傅干活，可请到窗口。",
    "爱聊球，上海本地球迷。",
    "很守时，说几点就几点。",
    "洗车要手洗。",
    "发票开公司抬头。",
    "喝龙井。",
    "上次说起想学换备胎，下次教一下。",
    "视力不好，短信字少些。",
)
_LONG_WAY = (
    "每周往返杭州高速，在意胎噪。",
    "常跑沪宁线，关心高速能耗。",
    "公司在昆山，每天来回八十公里。",
    "周末常回南通老家，走大桥。",
)
_CITY = (
    "市区通勤，多在地库，怕剐蹭。",
    "上下班走中环，早高峰为主。",
    "接送孩子加买菜，短途多。",
    "平时坐地铁，周末才开。",
)
_ROADS = {
    "浦东新区": "张杨路 世纪大道 锦绣路 金桥路 川沙路 东方路 浦电路 成山路 碧云路 秀沿路",
    "杨浦区": "四平路 国定路 控江路 黄兴路 长阳路 军工路 政立路 延吉中路 平凉路 周家嘴路",
    "闵行区": "七莘路 莘松路 沪闵路 都市路 虹梅南路 漕宝路 吴中路 剑川路 春申路 东川路",
    "虹口区": "曲阳路 四川北路 大连西路 广中路",
    "宝山区": "共和新路 牡丹江路 长江西路 同济路",
    "徐汇区": "龙吴路 天钥桥路 漕东支路 宜山路",
    "松江区": "新松江路 谷阳北路 人民北路 九新公路",
    "静安区": "江宁路 万荣路 武宁南路 共和路",
    "奉贤区": "环城东路 南桥路 望园路 解放中路",
}
ROADS = {district: names.split() for district, names in _ROADS.items()}
NEAR = {
    "PD": ("浦东新区",) * 8 + ("杨浦区", "奉贤区"),
    "YP": ("杨浦区",) * 6 + ("虹口区", "虹口区", "宝山区", "静安区"),
    "MH": ("闵行区",) * 6 + ("徐汇区", "徐汇区", "松江区", "松江区"),
}
SOURCES = ("展厅到店", "线上留资", "车展", "直播间", "试驾活动", "企业团购")


def address(rng: Random, district: str) -> str:
    """A street address in the district."""
    road = rng.choice(ROADS[district])
    lane, house, flat = rng.randrange(1, 1980), rng.randrange(1, 90), rng.randrange(1, 19)
    return f"上海市{district}{road}{lane}弄{house}号{flat}0{rng.randrange(1, 5)}室"


def notes(rng: Random, traits: Traits) -> str:
    """One to three remembered facts, true to how this person lives."""
    lines = []
    if rng.random() < 0.6:
        lines.append(rng.choice(_LONG_WAY if traits.km_per_day > 55 else _CITY))
    if rng.random() < 0.45:
        lines.append(rng.choice(_FAMILY))
    if rng.random() < 0.5:
        lines.append(rng.choice(_SMALL))
    if rng.random() < 0.4:
        part = "上午" if traits.hour < 12 else "下午"
        lines.append(f"{'周末' if traits.saturday_person else '工作日'}{part}方便。")
    return "".join(lines)


def likes(rng: Random) -> str:
    """Interests as a list, often none known."""
    return ";".join(rng.sample(INTERESTS, rng.choices((0, 1, 2, 3), (45, 25, 20, 10))[0]))


def avoid(rng: Random, traits: Traits) -> str:
    """What to avoid with this person; impatient people are known for it."""
    found = ["不喜欢等超过一小时"] if traits.impatience > 1.35 and rng.random() < 0.5 else []
    if rng.random() < 0.22:
        found.append(rng.choice(DISLIKES))
    return ";".join(dict.fromkeys(found))
