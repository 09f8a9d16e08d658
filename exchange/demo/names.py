"""Names as they are in China: surnames by frequency, given names by decade; telephone numbers."""

from __future__ import annotations

from random import Random


def _words(text: str) -> list[str]:
    return text.split()


_SURNAMES = _words(
    "王 725 李 719 张 684 刘 539 陈 457 杨 308 黄 223 赵 230 吴 200 周 212 徐 167 孙 154 "
    "马 129 朱 151 胡 130 郭 113 何 106 高 101 林 102 罗 86 郑 78 梁 84 谢 72 宋 69 唐 66 "
    "许 65 韩 61 冯 64 邓 56 曹 59 彭 49 曾 47 肖 55 田 46 董 50 袁 44 潘 47 于 48 蒋 52 "
    "蔡 46 余 41 杜 39 叶 48 程 50 苏 38 魏 42 吕 44 丁 51 任 40 沈 68 姚 46 卢 38 姜 38 "
    "崔 33 钟 34 谭 35 陆 62 汪 41 范 36 金 50 石 30 廖 34 贾 32 夏 37 韦 20 付 28 方 36 "
    "白 28 邹 33 孟 28 熊 30 秦 30 邱 32 江 33 尹 28 薛 28 闫 20 段 26 雷 25 侯 26 龙 20 "
    "史 25 陶 34 黎 18 贺 22 顾 66 毛 27 郝 20 龚 30 邵 28 万 22 钱 40 严 34 覃 8 武 14 "
    "戴 34 莫 10 孔 18 向 12 汤 26 施 32 瞿 12 奚 5 单 5 仇 4 解 3 区 1 盖 1 曲 4 尉迟 1 "
    "欧阳 5 上官 2 司徒 1 诸葛 1"
)
SURNAMES = _SURNAMES[::2]
SURNAME_WEIGHTS = [int(weight) for weight in _SURNAMES[1::2]]

GIVEN = {
    ("male", 1950): ("建国 国强 志明 德华 永康 卫国 福根 金龙 国平 根生 长发 荣生"),
    ("female", 1950): ("秀英 桂兰 玉珍 秀兰 美娟 凤英 惠芬 玉兰 秀珍 招娣 月琴 淑华"),
    ("male", 1960): ("建华 卫东 国华 建平 志强 伟民 永明 建军 文革 红兵 跃进 志刚 国梁 耀明"),
    ("female", 1960): ("丽华 美芳 惠敏 玉梅 卫红 建英 秀芳 慧珍 凤珍 爱华 菊芳 雪珍 佩华"),
    ("male", 1970): ("伟 军 勇 斌 强 海峰 志伟 晓东 永刚 文斌 俊 毅 建峰 卫平 国栋 立新 忠 明华"),
    ("female", 1970): ("敏 静 丽 艳 红 燕 晓燕 海燕 莉 萍 慧 丽萍 文娟 春梅 雅琴 玲 晓红 蓉"),
    ("male", 1980): ("磊 鹏 超 杰 涛 峰 浩 俊杰 晨 凯 亮 佳 斐 翔 立 宇 晓峰 嘉伟 文杰 一鸣 冬"),
    ("female", 1980): ("婷 雯 倩 洁 娜 佳 颖 琳 莹 晶 璐 丹 蕾 晓雯 佳丽 怡 晓琳 思思 文静 蓓蓓"),
    ("male", 1990): (
        "宇轩 俊豪 子豪 嘉诚 天宇 志远 昊 博文 思远 奕辰 泽宇 家豪 晨阳 睿 帆 一帆 子健"
    ),
    ("female", 1990): (
        "雨晴 佳怡 思琪 欣怡 梦婷 诗琪 雅静 晓彤 可欣 静怡 佳慧 雪莹 若曦 悦 嘉敏 怡然"
    ),
    ("male", 2000): ("浩然 梓轩 子涵 宇航 俊熙 皓轩 铭泽 一诺 逸凡 启航 承宇 景行"),
    ("female", 2000): ("梓涵 一诺 语桐 诗涵 子萱 雨桐 欣妍 依诺 可馨 若彤 思涵 语嫣"),
}
_GIVEN = {key: _words(names) for key, names in GIVEN.items()}
_UNISEX = _words("晨 林 文 宁 昕 一凡 子涵 嘉 安 卓 晓宇 靖 佳 若愚")

# Prefixes no operator has been given: the form is right and nobody's telephone rings.
_FREE_PREFIXES = ("154", "160", "161", "163", "164", "168", "169", "179", "142", "143")


def person_name(rng: Random, gender: str, born: int) -> str:
    """Surname and given name of somebody born in the year `born`."""
    surname = rng.choices(SURNAMES, SURNAME_WEIGHTS)[0]
    decade = min(2000, max(1950, born // 10 * 10))
    if rng.random() < 0.05:
        return surname + rng.choice(_UNISEX)
    return surname + rng.choice(_GIVEN[gender, decade])


def mobile(rng: Random, taken: set[str]) -> str:
    """A mobile number of valid form in a prefix that is not in use; unique within `taken`."""
    while True:
        number = rng.choice(_FREE_PREFIXES) + f"{rng.randrange(10**8):08d}"
        if number not in taken:
            taken.add(number)
            return number
