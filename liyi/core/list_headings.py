"""What people write in lists: above a column in place of its name, and in a cell in place of an option's value."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What else may stand above a column, by its name; capitals, spaces, hyphens and full-width letters make no difference.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    # a manifest
    "file": (
        "文件",
        "文件名",
        "录像",
        "录像文件",
        "录像文件名",
        "录像名称",
        "录像（录音）",
        "视频",
        "视频文件",
        "视频文件名",
        "视频名称",
        "录音",
        "录音文件",
        "filename",
        "path",
        "video",
    ),
    "person": (
        "人员",
        "姓名",
        "人员姓名",
        "学员",
        "学员姓名",
        "员工",
        "员工姓名",
        "考生",
        "考生姓名",
        "参训人员",
        "被考核人",
        "name",
        "trainee",
    ),
    "cohort": ("班组", "班级", "班次", "批次", "单位", "部门", "小组", "class", "group", "team"),
    "norms": ("规范", "规范包", "标准", "norm pack"),
    "side": ("侧面", "侧面文件", "侧面录像", "侧面视频", "侧面录像文件", "side file", "side video", "from the side"),
    "profile": ("场景类型", "场景", "岗位", "岗位类型"),
    "camera": ("机位", "拍摄方向"),
    "calibration": ("校准", "基准段"),
    "speech": ("语言", "语种", "language"),
    "recogniser": ("识别模型", "识别器", "recognizer"),
    "exempt": ("豁免", "豁免项", "exemption", "exemptions"),
    "track": ("轨道", "音轨"),
    # and of a batch in the browser
    "neutral": ("中性姿势", "中性", "neutral posture"),
    "consent_on": (
        "同意日期",
        "签署日期",
        "同意时间",
        "知情同意日期",
        "知情同意时间",
        "同意书日期",
        "同意书签署日期",
        "consent date",
        "consented on",
    ),
    "consent_form": (
        "同意形式",
        "同意方式",
        "签署形式",
        "签署方式",
        "知情同意形式",
        "知情同意方式",
        "同意书形式",
        "同意书",
        "consent form",
    ),
    # people
    "id": ("编号", "人员编号"),
    "name": ("姓名", "人员", "名字", "full name", "person"),
    "account": ("账号", "帐号", "登录账号", "登录名", "用户名", "login", "user name"),
    "department": ("部门", "科室", "单位", "division"),
    "roles": ("角色", "身份", "role"),
    "trainee_of": ("所在班级", "班级", "培训班", "学员班级", "cohorts as trainee", "cohorts", "cohort"),
    "trainer_of": ("任教班级", "带班", "讲师班级", "cohorts as trainer"),
    "exemptions": ("豁免", "豁免项", "exemption", "exempt", "exempt from"),
    "left": ("离职", "是否离职", "已离职", "has left"),
    # ratings
    "recording": ("录像", "录像文件", "视频", "录音", "文件", "文件名", "file", "filename", "video"),
    "rater": ("评分人", "评委", "考官", "考评员", "judge"),
    "criterion": ("指标", "项目", "评分项", "评分项目"),
    "score": ("分数", "得分", "评分", "points"),
    "session": ("轮次", "场次", "次数"),
}

CONSENT = ("consent_on", "consent_form")  # of a batch in the browser

# What else a cell of a column may hold, by the value that it stands for.
VALUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "camera": {"auto": ("自动", "automatic"), "front": ("正面", "前方", "正前方", "正面机位"),
               "side": ("侧面", "侧方", "侧面机位")},
    "speech": {"auto": ("自动", "automatic"), "zh": ("中文", "汉语", "普通话", "chinese", "mandarin"),
               "en": ("英文", "英语", "english")},
}  # fmt: skip


def plain_heading(text: str) -> str:
    """A heading without what makes no difference."""
    return re.sub(r"[\s_:\-\ufeff\u200b]+", "", unicodedata.normalize("NFKC", text).casefold())


def known_headings(names: Iterable[str]) -> dict[str, str]:
    """The columns ``names`` by every plain heading that stands for one of them; a name itself comes first."""
    names = list(names)
    aliases = {plain_heading(alias): name for name in names for alias in HEADINGS.get(name, ())}
    return aliases | {plain_heading(name): name for name in names}


def called_in_chinese(names: Iterable[str]) -> str:
    """The columns ``names`` as Chinese readers know them, in one line."""
    return "、".join(HEADINGS.get(name, (name,))[0] for name in names)


def known_value(column: str, cell: str) -> str:
    """The value that a cell of a column stands for; the cell itself where it says no other."""
    plain = plain_heading(cell)
    return next((value for value, words in VALUES.get(column, {}).items() if plain in (value, *words)), cell)
