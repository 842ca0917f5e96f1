"""What each column of a foreign table holds, guessed from its name and its first cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from embtrainer_gui.core.interchange.columns import RECORD_KEYS, Role
from embtrainer_gui.core.interchange.csv_rows import OURS

_NAMES: dict[Role, str] = {
    Role.QUESTION: "question questions query queries q frage fragen anfrage suchanfrage anchor pregunta consulta"
    " domanda vraag pergunta pytanie requete вопрос 質問 问题",
    Role.ANSWER: "answer answers a response reply antwort antworten reponse respuesta risposta antwoord resposta"
    " odpowiedz output completion ответ 回答 答案",
    Role.PASSAGE: "passage passages context contexts text paragraph document chunk content abstract body positive pos"
    " evidence snippet corpus textstelle stelle abschnitt absatz kontext inhalt texte contexte texto contexto parrafo"
    " testo contesto tekst 文脈 段落",
    Role.PAPER: "filename file paper title source doi pmid article docid documentid dokument datei titel quelle artikel"
    " titre titulo titolo fichier archivo",
    Role.KIND: "questiontype kind type category typ art kategorie fragetyp",
    Role.RELEVANCE: "relevance relevant isrelevant score label grade rating judgement judgment relevanz bewertung note",
    Role.ID: "id uid qid queryid questionid pairid nr nummer",
}
_ROLE_OF = {name: role for role, names in _NAMES.items() for name in names.split()}
_TEXTS = (Role.QUESTION, Role.ANSWER, Role.PASSAGE)
_NO_TEXT = frozenset({"id", "nr", "type", "kind", "typ", "art", "number", "count", "score"})
_QUESTION_MARKS = ("?", "\uff1f", "\u061f")  # of Latin, of East Asia, of Arabic
_EXACT, _PART = 4.0, 2.0
_LONG, _SHORT = 120, 3  # characters of a passage, and of any text
_LEAST = 1.5  # of a guess


@dataclass(frozen=True, slots=True)
class _Look:
    """Of the cells of a column: the share that ends in a question mark, and that is text; how long it is."""

    asked: float
    texts: float
    length: float


def guess_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[Role, str]:
    """The best column of each role that one can be guessed for; no column gets two roles.

    Args:
        rows: cells in the order of ``names``, as text; "" for an empty one.
    """
    if any(name.startswith(OURS) for name in names):  # our own export: its names mean what they say
        return {role: key for role, key in RECORD_KEYS.items() if key in names}
    looks = [_look([row[place] for row in rows if place < len(row)]) for place in range(len(names))]
    scored = [
        (_score(role, name, look), -place, role) for place, (name, look) in enumerate(zip(names, looks, strict=True))
        for role in Role
    ]  # fmt: skip
    found: dict[Role, str] = {}
    taken: set[int] = set()
    order = list(Role)
    for score, place, role in sorted(scored, key=lambda one: (-one[0], -one[1], order.index(one[2]))):
        if score >= _LEAST and role not in found and place not in taken:
            found[role] = names[-place]
            taken.add(place)
    return {role: found[role] for role in Role if role in found}


def _score(role: Role, name: str, look: _Look) -> float:
    score = _by_name(role, name)
    if role not in _TEXTS:
        return score
    if look.texts < 0.5 and score < _EXACT:
        return 0.0
    if role is Role.QUESTION:
        return score + 2 * look.asked
    if role is Role.PASSAGE and look.length >= _LONG:
        return score + 1.5 + min(look.length, 2000) / 4000
    return score - look.asked


def _by_name(role: Role, name: str) -> float:
    plain = unicodedata.normalize("NFKD", name.casefold())
    parts = re.findall(r"[^\W_]+", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    if _ROLE_OF.get("".join(parts)) is role:
        return _EXACT
    if role is Role.ID or (role in _TEXTS and _NO_TEXT.intersection(parts)):
        return 0.0
    if role is Role.RELEVANCE:  # a quality_score is none
        parts = [part for part in parts if part.startswith("relevan")]
    return _PART if any(_ROLE_OF.get(part) is role for part in parts) else 0.0


def _look(cells: Sequence[str]) -> _Look:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return _Look(0.0, 1.0, 0.0)
    asked = sum(cell.endswith(_QUESTION_MARKS) for cell in filled)
    texts = sum(len(cell) >= _SHORT and any(sign.isalpha() for sign in cell) for cell in filled)
    length = sum(map(len, filled)) / len(filled)
    return _Look(asked / len(filled), texts / len(filled), length)
