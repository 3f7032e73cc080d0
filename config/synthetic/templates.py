"""What bureaus and units were measured by: made-up targets, in the spirit of the example table T8."""

from __future__ import annotations

#: trade → lines of (indicator, weight, target in the zone; parks get their part of it).
#: Rates in percent, ratings and deductions have no share: their target is the same everywhere, or none.
COMMON = [("b-satisfaction", 10, None), ("b-party", 10, None)]
INVEST = [
    ("b-visits", 15, 120),
    ("b-leads", 15, 30),
    ("b-signed", 25, 12),
    ("b-started", 15, 8),
    ("b-foreign", 10, 3000),
    *COMMON,
]
INDUSTRY = [
    ("b-growth", 25, None),
    ("b-hightech", 20, 12),
    ("b-upgrades", 20, 15),
    ("b-company-visits", 15, 160),
    *COMMON,
]
ECONOMY = [
    ("b-reports", 15, 24),
    ("b-policy-funds", 25, 6000),
    ("b-filings", 15, 100),
    ("b-statistics", 10, None),
    ("b-key-tasks", 15, 100),
    *COMMON,
]
OFFICE = [
    ("b-documents", 20, 100),
    ("b-supervision", 20, 100),
    ("b-briefings", 20, 40),
    ("b-secrecy", 10, None),
    ("b-errors", 10, None),
    *COMMON,
]
PROJECT = [
    ("b-started", 20, 8),
    ("b-completed", 20, 6),
    ("b-permits", 15, 100),
    ("b-requests", 15, 100),
    ("b-company-visits", 10, 160),
    *COMMON,
]
UTILITIES = [
    ("b-supply", 25, 100),
    ("b-infrastructure", 25, 20000),
    ("b-outages", 10, None),
    ("b-key-tasks", 20, 100),
    *COMMON,
]
INNOVATION = [
    ("b-platforms", 20, 6),
    ("b-talents", 20, 15),
    ("b-incubated", 20, 20),
    ("b-patents", 20, 80),
    *COMMON,
]
TEMPLATES: dict[str, list[tuple[str, int, int | None]]] = {
    "INVEST": INVEST,
    "ECON": ECONOMY,
    "HITECH": INDUSTRY,
    "MATERIALS": INDUSTRY,
    "INDUSTRY": INDUSTRY,
    "INNOV": INNOVATION,
    "TECH": INNOVATION,
    "OFFICE": OFFICE,
    "PROJECT": PROJECT,
    "UTIL": UTILITIES,
    "PORT": [("b-throughput", 30, 4200), ("b-berths", 25, 15000), ("b-shore", 15, 10), ("b-errors", 10, None), *COMMON],
    "BUILD": [
        ("b-infrastructure", 25, 60000),
        ("b-permits", 20, 100),
        ("b-land", 25, 800),
        ("b-works", 10, None),
        *COMMON,
    ],
    "FIN": [("b-budget", 25, 100), ("b-grants", 25, 100), ("b-audit", 20, 100), ("b-errors", 10, None), *COMMON],
    "HR": [
        ("b-appointments", 25, 100),
        ("b-training", 20, 600),
        ("b-recruitment", 20, 100),
        ("b-errors", 15, None),
        *COMMON,
    ],
    "SOCIAL": [
        ("b-petitions", 20, 100),
        ("b-services", 25, 100),
        ("b-relocation", 20, 100),
        ("b-stability", 15, None),
        *COMMON,
    ],
    "SAFETY": [
        ("b-inspections", 20, 480),
        ("b-rectified", 20, 100),
        ("b-emissions", 20, 100),
        ("b-accidents", 20, None),
        *COMMON,
    ],
    "EMERGENCY": [
        ("b-drills", 20, 24),
        ("b-arrival", 20, None),
        ("b-supplies", 20, 100),
        ("b-accidents", 20, None),
        *COMMON,
    ],
}
#: A park's part of the zone's targets, in tenths.
SIZE = {"YZ": 10, "YZ-CHEM": 8, "YZ-AUTO": 5, "YZ-DATA": 4}
#: How well a unit's bureaus did in 2020, in percent of target around which chance plays.
FORM = {"YZ": 95, "YZ-CHEM": 93, "YZ-AUTO": 85, "YZ-DATA": 94}

PEOPLE = {
    "H1": [("p-bureau", 50), ("p-leadership", 30), ("p-integrity", 20)],
    "H2": [("p-bureau", 30), ("p-tasks", 40), ("p-quality", 20), ("p-discipline", 10)],
    "S1": [("p-tasks", 50), ("p-quality", 25), ("p-cooperation", 15), ("p-discipline", 10)],
    "S2": [("p-tasks", 50), ("p-quality", 25), ("p-cooperation", 15), ("p-discipline", 10)],
    "S3": [("p-tasks", 50), ("p-cooperation", 40), ("p-discipline", 10)],
}

#: Of units: (indicator, weight, source). A figure's name: growth or amount follows from figures.csv.
UNIT_LINES = [
    ("u-budget-growth", 10, "growth budget_revenue"),
    ("u-tax", 8, "amount tax"),
    ("u-sales-growth", 8, "growth invoiced_sales"),
    ("u-output-growth", 6, ""),
    ("u-investment", 6, "amount industrial_investment"),
    ("u-signed", 8, ""),
    ("u-started", 8, ""),
    ("u-completed", 6, ""),
    ("u-foreign", 6, ""),
    ("u-hightech", 6, ""),
    ("u-tax-per-mu", 4, ""),
    ("u-safety", 6, ""),
    ("u-environment", 6, ""),
    ("u-party", 6, ""),
    ("u-satisfaction", 6, ""),
]
#: What no figure tells of 2020: indicator → unit → (2019, target, 2020).
UNIT_2020: dict[str, dict[str, tuple[str, str, str]]] = {
    "u-output-growth": {
        "YZ": ("5.8", "6", "6.9"),
        "YZ-CHEM": ("4.6", "5", "4.1"),
        "YZ-AUTO": ("2.1", "3", "-12.4"),
        "YZ-DATA": ("18.5", "20", "24.3"),
    },
    "u-signed": {
        "YZ": ("22", "24", "25"),
        "YZ-CHEM": ("13", "14", "14"),
        "YZ-AUTO": ("9", "10", "7"),
        "YZ-DATA": ("6", "8", "7"),
    },
    "u-started": {
        "YZ": ("17", "18", "19"),
        "YZ-CHEM": ("10", "11", "11"),
        "YZ-AUTO": ("7", "8", "6"),
        "YZ-DATA": ("4", "6", "5"),
    },
    "u-completed": {
        "YZ": ("12", "13", "13"),
        "YZ-CHEM": ("8", "9", "8"),
        "YZ-AUTO": ("6", "6", "4"),
        "YZ-DATA": ("2", "3", "2"),
    },
    "u-foreign": {
        "YZ": ("9200", "9800", "9950"),
        "YZ-CHEM": ("7600", "8000", "7850"),
        "YZ-AUTO": ("3100", "3300", "2180"),
        "YZ-DATA": ("400", "600", "480"),
    },
    "u-hightech": {
        "YZ": ("8", "10", "11"),
        "YZ-CHEM": ("5", "6", "6"),
        "YZ-AUTO": ("3", "4", "3"),
        "YZ-DATA": ("4", "6", "5"),
    },
    "u-tax-per-mu": {
        "YZ": ("15.2", "16", "16.4"),
        "YZ-CHEM": ("21.8", "22.5", "22.7"),
        "YZ-AUTO": ("17.4", "18", "12.6"),
        "YZ-DATA": ("6.1", "7", "7.4"),
    },
    "u-safety": {"YZ": ("0", "", "0"), "YZ-CHEM": ("0", "", "0"), "YZ-AUTO": ("1", "", "0"), "YZ-DATA": ("0", "", "0")},
    "u-environment": {
        "YZ": ("0", "", "0"),
        "YZ-CHEM": ("2", "", "1"),
        "YZ-AUTO": ("0", "", "1"),
        "YZ-DATA": ("0", "", "0"),
    },
    "u-party": {
        "YZ": ("91", "", "92"),
        "YZ-CHEM": ("91", "", "92"),
        "YZ-AUTO": ("90", "", "88"),
        "YZ-DATA": ("90", "", "91"),
    },
    "u-satisfaction": {
        "YZ": ("90", "", "91"),
        "YZ-CHEM": ("92", "", "93"),
        "YZ-AUTO": ("90", "", "84"),
        "YZ-DATA": ("91", "", "92"),
    },
}
UNIT_RATINGS_2020 = {"YZ": "first", "YZ-CHEM": "second", "YZ-AUTO": "third", "YZ-DATA": "second"}
#: Entered so far in 2026: (target, actual) by indicator and unit.
UNIT_2026: dict[str, dict[str, tuple[str, str]]] = {
    "u-signed": {"YZ": ("30", "26"), "YZ-CHEM": ("16", "13"), "YZ-AUTO": ("12", "10"), "YZ-DATA": ("12", "11")},
    "u-started": {"YZ": ("22", "18"), "YZ-CHEM": ("13", "11"), "YZ-AUTO": ("9", "8"), "YZ-DATA": ("8", "7")},
    "u-completed": {"YZ": ("16", "12"), "YZ-CHEM": ("10", "8"), "YZ-AUTO": ("7", "5"), "YZ-DATA": ("6", "5")},
    "u-foreign": {"YZ": ("11800", ""), "YZ-CHEM": ("8600", ""), "YZ-AUTO": ("3600", ""), "YZ-DATA": ("1200", "")},
    "u-hightech": {"YZ": ("14", ""), "YZ-CHEM": ("8", ""), "YZ-AUTO": ("6", ""), "YZ-DATA": ("9", "")},
    "u-tax-per-mu": {"YZ": ("19", ""), "YZ-CHEM": ("25", ""), "YZ-AUTO": ("18.5", ""), "YZ-DATA": ("11", "")},
    "u-tax": {"YZ": ("10.7", ""), "YZ-CHEM": ("16.2", ""), "YZ-AUTO": ("10.4", ""), "YZ-DATA": ("2.8", "")},
    "u-investment": {"YZ": ("74", ""), "YZ-CHEM": ("82", ""), "YZ-AUTO": ("38", ""), "YZ-DATA": ("56", "")},
    "u-budget-growth": {"YZ": ("5", ""), "YZ-CHEM": ("4", ""), "YZ-AUTO": ("5", ""), "YZ-DATA": ("12", "")},
    "u-sales-growth": {"YZ": ("6", ""), "YZ-CHEM": ("4", ""), "YZ-AUTO": ("6", ""), "YZ-DATA": ("15", "")},
    "u-output-growth": {"YZ": ("6", ""), "YZ-CHEM": ("5", ""), "YZ-AUTO": ("6", ""), "YZ-DATA": ("15", "")},
}
