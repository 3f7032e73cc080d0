"""Grades in the words of whoever bears them, and why somebody has none."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import Access
from kpi.models import Cycle, Rating, Result, Scorecard, Undetermined
from kpi.rules.grades import BARRING
from staffing.models import Person

#: Whose grades are those of the civil service (ASM-02); everybody else's those of public institutions (ASM-01).
SERVANTS = frozenset({Person.Identity.CIVIL_SERVANT, Person.Identity.MANAGED})
OF_SERVANTS = {
    Rating.COMPETENT: gettext_lazy("称职"),
    Rating.BASIC: gettext_lazy("基本称职"),
    Rating.INCOMPETENT: gettext_lazy("不称职"),
}
OF_INSTITUTIONS = {
    Rating.COMPETENT: gettext_lazy("合格"),
    Rating.BASIC: gettext_lazy("基本合格"),
    Rating.INCOMPETENT: gettext_lazy("不合格"),
}


def grade_word(rating: str, identity: str = "") -> str:
    """ASM-01, ASM-02: the word for a grade; ``identity`` is the person's, "" for a unit or a bureau."""
    if not rating:
        return ""
    words = OF_SERVANTS if identity in SERVANTS else OF_INSTITUTIONS
    return str(words.get(Rating(rating), Rating(rating).label)) if identity else str(Rating(rating).label)


def word_of(card: Scorecard) -> str:
    """The grade of a card that was read with its person and result."""
    result = getattr(card, "result", None)
    return grade_word(result.rating, card.person.identity if card.person else "") if result else ""


def sees_grade(access: Access, card: Scorecard) -> bool:
    """Whether a card's grade may be shown: to everybody who sees the card once it is published, before to who grades.

    A score is told as it grows; a grade is deliberation until it is made known (公务员考核规定: the result is
    told in writing once it is decided).
    """
    return card.cycle.state != Cycle.State.OPEN or card.unit_id in access.units("rate", card.noun)


def choices_for(card: Scorecard, ratings: tuple[Rating, ...]) -> list[tuple[str, str]]:
    identity = card.person.identity if card.person else ""
    return [(rating.value, grade_word(rating, identity)) for rating in ratings]


def why_none(result: Result, access: Access | None = None) -> str:
    """Why there is no grade, citing the rule; the facts only for who may see such facts about this person."""
    if not result.undetermined:
        return ""
    reason = Undetermined(result.undetermined)
    rule = BARRING.get(reason.value)
    if rule is None:
        return str(reason.label)
    own = access is not None and access.person_id == result.scorecard.person_id
    sees = access is None or access.can_in(result.scorecard.unit_id, "view", rule.noun)
    if rule.noun in ("inquiry", "sanction") and not (sees or own):
        return _("按规定不确定等次")
    cited = _("《%(source)s》第 %(article)s 条") % {"source": rule.source, "article": rule.article}
    facts = rule.sentence(result.facts) if sees and result.facts else ""
    return "；".join(part for part in (str(reason.label), facts, f"{cited}（{rule.id}）") if part)
