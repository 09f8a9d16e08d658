"""The dealer group: three stores, their people, and how well each of them works."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

GROUP = "华东集团"


@dataclass(frozen=True, slots=True)
class Store:
    """A store. `waiting` multiplies the promised time, `care` is its people's usual attention."""

    code: str
    name: str
    district: str
    bays: int
    share: float
    waiting: float
    care: float
    scale: int


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff. `waiting` and `care` add to the store's; `load` weighs new customers."""

    code: str
    name: str
    store: str
    role: str
    waiting: float = 1.0
    care: float = 0.0
    load: float = 1.0
    active: bool = True


# Yangpu keeps people waiting: its manager should find that, and two advisors, on the boards.
STORES = (
    Store("PD", "浦东店", "浦东新区", 12, 0.40, 0.97, 0.4, 100),
    Store("YP", "杨浦店", "杨浦区", 7, 0.28, 1.17, -0.3, 10),
    Store("MH", "闵行店", "闵行区", 9, 0.32, 1.02, 0.1, 5),
)

STAFF = (
    Person("xuanming", "宣明", "PD", "group_manager"),
    Person("guoning", "郭宁", "PD", "admin"),
    Person("lintao", "林涛", "PD", "manager"),
    Person("zhoumin", "周敏", "PD", "advisor", 0.94, 0.8),
    Person("chenjiahao", "陈嘉豪", "PD", "advisor", 1.0, 0.2),
    Person("wangyue", "王悦", "PD", "advisor", 0.97, 0.5),
    Person("xulei", "徐磊", "PD", "advisor", 1.03, -0.3),
    Person("gujing", "顾静", "PD", "advisor", 0.99, 0.6),
    Person("panchao", "潘超", "PD", "advisor", 1.04, -0.1),
    Person("luting", "陆婷", "PD", "advisor", 0.98, 0.3),
    Person("hefang", "何芳", "PD", "specialist"),
    Person("qianwei", "钱伟", "PD", "specialist"),
    Person("shenjun", "沈军", "YP", "manager"),
    Person("yaoli", "姚莉", "YP", "advisor", 0.95, 0.6),
    Person("tangbin", "唐斌", "YP", "advisor", 1.28, -0.8),
    Person("jiangmin", "蒋敏", "YP", "advisor", 1.0, 0.1),
    Person("fanyifan", "范一帆", "YP", "advisor", 1.02, 0.0),
    Person("dingxue", "丁雪", "YP", "advisor", 0.97, 0.3),
    Person("zhuliang", "朱亮", "YP", "advisor", 1.05, -0.2, 0.12, active=False),
    Person("yuhong", "俞红", "YP", "specialist"),
    Person("zhaoqing", "赵青", "MH", "manager"),
    Person("sunjie", "孙洁", "MH", "advisor", 0.96, 0.5),
    Person("huangkai", "黄凯", "MH", "advisor", 1.30, -0.7),
    Person("wuqian", "吴倩", "MH", "advisor", 0.98, 0.4),
    Person("caiwen", "蔡文", "MH", "advisor", 1.02, 0.0),
    Person("qinyu", "秦宇", "MH", "advisor", 1.0, -0.1),
    Person("maoyan", "毛燕", "MH", "advisor", 0.97, 0.5),
    Person("luoxin", "罗欣", "MH", "specialist"),
)

STORE = {store.code: store for store in STORES}
PERSON = {person.code: person for person in STAFF}
ADVISORS = {
    store.code: [p for p in STAFF if p.store == store.code and p.role == "advisor"]
    for store in STORES
}
ACTIVE_ADVISORS = {code: [p for p in people if p.active] for code, people in ADVISORS.items()}
SPECIALISTS = {
    store.code: [p for p in STAFF if p.store == store.code and p.role == "specialist"]
    for store in STORES
}


def choose_store(rng: Random) -> Store:
    """The store a new customer buys from."""
    return rng.choices(STORES, [store.share for store in STORES])[0]


def choose_advisor(rng: Random, store: str) -> Person:
    """The advisor a new customer is given."""
    people = ADVISORS[store]
    return rng.choices(people, [person.load for person in people])[0]
