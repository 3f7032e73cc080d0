"""What the city measured its zones, parks and towns by, after the example tables T8 and T9; all of it made up."""

from __future__ import annotations

#: First-level indicators of T8 and T9. A zone is judged by what a park is.
GROUPS: dict[str, str] = {
    **dict.fromkeys(("u-budget-growth", "u-tax", "u-sales-growth", "u-output-growth"), "经济发展"),
    **dict.fromkeys(("u-investment", "u-signed", "u-started", "u-completed", "u-foreign"), "项目建设"),
    **dict.fromkeys(("u-hightech", "u-tax-per-mu"), "创新集约"),
    **dict.fromkeys(("u-safety", "u-environment"), "安全环保"),
    **dict.fromkeys(("u-party", "u-satisfaction"), "党建与评价"),
    "t-service": "服务园区",
    **dict.fromkeys(("t-rural", "t-public", "t-income", "t-budget"), "乡村与民生"),
    **dict.fromkeys(("t-governance", "t-safety"), "治理与安全"),
    "t-habitat": "人居环境",
    **dict.fromkeys(("t-party", "t-satisfaction"), "党建与满意度"),
}

#: T9: (indicator, weight), and year → town → (target, actual) in that order.
TOWN_LINES = [
    ("t-service", 20),
    ("t-rural", 15),
    ("t-public", 15),
    ("t-governance", 12),
    ("t-habitat", 10),
    ("t-safety", 8),
    ("t-income", 6),
    ("t-budget", 4),
    ("t-party", 5),
    ("t-satisfaction", 5),
]
TOWNS: dict[int, dict[str, list[tuple[str, str]]]] = {
    2019: {
        "QINGSHAN": [
            *(("100", "91"), ("100", "94"), ("100", "96"), ("", "2"), ("", "86.5")),
            *(("", "0"), ("7", "7.4"), ("3", "2.1"), ("", "90"), ("", "88")),
        ],
        "XINCHENG": [
            *(("100", "95"), ("100", "92"), ("100", "95"), ("", "1"), ("", "88")),
            *(("", "0"), ("7", "7.9"), ("3", "4.6"), ("", "91"), ("", "90")),
        ],
    },
    2020: {
        "QINGSHAN": [
            *(("100", "98"), ("100", "99"), ("100", "98"), ("", "1"), ("", "89.4")),
            *(("", "0"), ("6", "5.8"), ("3", "3.5"), ("", "92"), ("", "91.5")),
        ],
        "XINCHENG": [
            *(("100", "89"), ("100", "95"), ("100", "97"), ("", "2"), ("", "87.2")),
            *(("", "1"), ("6", "4.1"), ("3", "-1.8"), ("", "90"), ("", "88.6")),
        ],
    },
    2024: {
        "QINGSHAN": [
            *(("100", "93"), ("100", "95"), ("100", "97"), ("", "1"), ("", "88.2")),
            *(("", "0"), ("6", "5.2"), ("3", "2.6"), ("", "90"), ("", "89.1")),
        ],
        "XINCHENG": [
            *(("100", "96"), ("100", "94"), ("100", "96"), ("", "1"), ("", "89.5")),
            *(("", "0"), ("6", "5.6"), ("3", "3.2"), ("", "91"), ("", "90.3")),
        ],
    },
    2025: {
        "QINGSHAN": [
            *(("100", "97"), ("100", "98"), ("100", "98"), ("", "0"), ("", "90.6")),
            *(("", "0"), ("6", "5.7"), ("3", "3.4"), ("", "92"), ("", "91.4")),
        ],
        "XINCHENG": [
            *(("100", "94"), ("100", "95"), ("100", "96"), ("", "2"), ("", "88.9")),
            *(("", "0"), ("6", "5.4"), ("3", "2.9"), ("", "90"), ("", "89.7")),
        ],
    },
    2026: {
        "QINGSHAN": [
            *(("100", "76"), ("100", ""), ("100", ""), ("", ""), ("", "")),
            *(("", ""), ("6", ""), ("3", ""), ("", ""), ("", "")),
        ],
        "XINCHENG": [
            *(("100", "81"), ("100", ""), ("100", ""), ("", ""), ("", "")),
            *(("", ""), ("6", ""), ("3", ""), ("", ""), ("", "")),
        ],
    },
}
TOWN_RATINGS: dict[int, dict[str, str]] = {
    2019: {"QINGSHAN": "second", "XINCHENG": "first"},
    2020: {"QINGSHAN": "first", "XINCHENG": "second"},
    2024: {"QINGSHAN": "second", "XINCHENG": "first"},
    2025: {"QINGSHAN": "first", "XINCHENG": "second"},
}

#: What of 2019 no figure and no column of 2020 tells: growth on 2018, which is not on file. The big data park
#: stood for three months only and was not assessed.
UNITS_2019: dict[str, dict[str, str]] = {
    "u-budget-growth": {"YZ": "6.1", "YZ-CHEM": "5.2", "YZ-AUTO": "1.8"},
    "u-sales-growth": {"YZ": "5.9", "YZ-CHEM": "5.5", "YZ-AUTO": "0.6"},
}
#: Goals of 2019, where the indicator has one.
TARGETS_2019: dict[str, dict[str, str]] = {
    "u-budget-growth": {"YZ": "6", "YZ-CHEM": "6", "YZ-AUTO": "6"},
    "u-tax": {"YZ": "9.2", "YZ-CHEM": "13", "YZ-AUTO": "10.5"},
    "u-sales-growth": {"YZ": "6", "YZ-CHEM": "6", "YZ-AUTO": "6"},
    "u-output-growth": {"YZ": "6", "YZ-CHEM": "5", "YZ-AUTO": "4"},
    "u-investment": {"YZ": "52", "YZ-CHEM": "66", "YZ-AUTO": "34"},
    "u-signed": {"YZ": "22", "YZ-CHEM": "13", "YZ-AUTO": "10"},
    "u-started": {"YZ": "17", "YZ-CHEM": "10", "YZ-AUTO": "8"},
    "u-completed": {"YZ": "12", "YZ-CHEM": "8", "YZ-AUTO": "6"},
    "u-foreign": {"YZ": "9000", "YZ-CHEM": "7800", "YZ-AUTO": "3200"},
    "u-hightech": {"YZ": "8", "YZ-CHEM": "5", "YZ-AUTO": "4"},
    "u-tax-per-mu": {"YZ": "15", "YZ-CHEM": "22", "YZ-AUTO": "18"},
}
UNIT_RATINGS_2019 = {"YZ": "first", "YZ-CHEM": "second", "YZ-AUTO": "second"}

#: Filled from the year's figures by indicators.yaml, whatever a file says.
BOUND = {"u-tax", "u-investment"}
#: What did not apply in 2025, by subject and indicator; its weight goes to its siblings.
NOT_APPLICABLE: dict[tuple[str, str], str] = {
    ("YZ-DATA", "u-foreign"): "当年未安排外资项目（示例）",
    ("YZ-HR", "b-recruitment"): "当年无公开招聘计划（示例）",
}
UNIT_RATINGS_LATER: dict[int, dict[str, str]] = {
    2024: {"YZ": "second", "YZ-CHEM": "first", "YZ-AUTO": "second", "YZ-DATA": "second"},
    2025: {"YZ": "first", "YZ-CHEM": "second", "YZ-AUTO": "second", "YZ-DATA": "first"},
}
