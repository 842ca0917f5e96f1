"""Whether a question stands by itself: definite, and of more than one paper's own groups, readings and labels.

The checks of any source let more pass; a template writes many questions, and few sound ones serve a reader better.
"""

from __future__ import annotations

import re

from embtrainer_gui.generate.wordset import word_set

_OWN = re.compile(  # groups, rows and readings that only the paper explains
    r"\b(?:groups?(?! of)|arms?|cohorts?|participants?|respondents?|interviewees?|volunteers?|sham|"
    r"baseline|littermates?|lanes?|replicates?|controls|untreated|mock|datasets?|samples?|co-injected|pilot|questionnaires?|equations?|"
    r"control (?:cells?|mice|rats|animals|plants|samples?|fruits?|conditions?)|values?|scores?|readings?|"
    r"the (?:increased|decreased|reduced|enhanced|elevated|lowered) \w+|"
    r"[A-Z][\w/-]*\d[\w/-]* (?:plants|lines?|seedlings|mice|rats|animals)|"
    r"(?:infected|treated|transfected) cells|"
    r"(?:the|an?) (?-i:[a-z]+ )?(?:models?|data|assay|method|experiment|simulation|test|tool|approach|algorithm|"
    r"network|construct|mutant|mutations?|transfected|treated|infected)|"
    r"an? [\w-]+ strain|(?:the|of) (?:disease|condition)\?|"
    r"the (?-i:[a-z][a-z-]* )?(?:domain|region|motif|terminus|residues?)(?! of)|"
    r"the (?:[\w-]+ ){0,2}(?:mice|rats|animals|patients|plants|seedlings|strains|isolates|lines|mutants|cells))\b",
    re.IGNORECASE,
)
_POINTING = re.compile(  # which further, which observed one
    r"(?<![\w-])(?:further|additional|subsequent|resulting|corresponding|remaining|selected|observed|proposed|"
    r"estimated|tested|studied|investigated|examined|obtained|reported|mentioned|aforesaid|so-called|initial|recent|"
    r"past|future|different|specific|particular|individual|possible|significant|certain|respective|relevant|above|own|"
    r"chosen|actual|experienced|newly|recently|later|earlier|ago|current|being|second|third|other|new|novel|correspondingly)(?![\w-])",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"^(?:What|Why|How|Which|When|Where) (?:may|might|could|should|would|will|must)\b|^(?:Was|Were|Did)\b|"
    r"^How (?:was|were)\b|^What does an? \w+ of\b|^What (?:was|were) (?!found)"  # of one study
)
_MADE = re.compile(
    r"-(?:expressing|treated|transfected|infected|tagged|fed)\b|\d ?(?:[mµμn]M|[mµμn]g|m[lL]|°C)\b"
)  # at one bench
_HANGING = re.compile(r"\b(?:in|by|for|of|from|on|to|with|at) \w+ing\?$")
_LETTER = re.compile(r"(?<![\w'’.-])[b-z](?![\w'’.-])")  # the b of an equation
_STRAIN = re.compile(  # "GYLH001", "Cl treatment": names that one paper gave
    r"\b(?!CD|IL|TMEM|SLC|ABC|KIAA)[A-Z][A-Za-z]*[A-Z]-?\d{3,}\b|\b[A-Z][a-z]? treatment\b"
)
_LIGATURE = re.compile(r"\b(?:T(?:e|is|ese|us|ose|en|erefore|at|ey|ere)|[tT]eir)\b")  # "The", as some PDF files give it
_NUMBERED = re.compile(r"\b[a-z]{3,} \d{1,3}\b(?! ?(?:%|°|years?|weeks?|months?|days?|h\b|hours?|min))|(?<!\w)[−–-]\d")
_SUBSTITUTION = re.compile(
    r"\b[A-Z]\d{2,4}[A-Z]\b|\b(?:Lys|Ser|Thr|Tyr|Cys|Asp|Glu|Arg|His|Pro)-?\d"
)  # A421V: of which protein
_NUMBERED_NAMES = re.compile(
    r"\b(?:types?|class|serotypes?|genotypes?|interleukin|factor|group|subtype|phase|level|stage|response|ligand|domain|"
    r"exon|chromosome|segment|box|omega|vitamin|photosystem|complex|subunit|peptide|isoform|channel|transporter|clade|"
    r"lineage|trimester|kinases?|lymphoma|[a-z]*(?:ase|in|or|viruse?s?)) \d{1,3}\b"
)


_SHORT = re.compile(r"(?<![\w(/-])[A-Z]{2}s?(?![\w)/-])")  # "EL plants", "PI": of many meanings
_WELL_KNOWN = word_set("UK US EU TB ER GI UV NK AD PD IL HD CT MR AI")


def stands_alone(question: str) -> bool:
    """Whether a question can be put to somebody who has not the paper in hand, and asks for one thing."""
    if "stand for" not in question and {found.rstrip("s") for found in _SHORT.findall(question)} - _WELL_KNOWN:
        return False
    text = _NUMBERED_NAMES.sub("NAME", question)
    return not any(
        fault.search(text)
        for fault in (_SUBSTITUTION, _STRAIN, _MADE, _OWN, _POINTING, _UNSURE, _HANGING, _LETTER, _LIGATURE, _NUMBERED)
    )


def is_own_name(text: str) -> bool:
    """Whether a name that one paper gave stands in a text."""
    return bool(_STRAIN.search(text))
