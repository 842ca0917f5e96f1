"""What a sentence asserts and what it only mentions: "we studied the effect of A" does not say what A does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_INVESTIGATING = word_set(
    """
    investigate study examine assess evaluate explore discuss review describe address consider confirm determine
    establish clarify elucidate understand test analyze analyse compare measure estimate monitor predict characterize
    identify verify validate ascertain document know learn look aim seek attempt try focus deal concern cover
    highlight summarize outline need require lack remain ask answer assume hypothesize speculate suppose expect
    propose express calculate quantify define report publish present provide give
    """
)
_PROCEDURE = word_set(
    """
    possess perform carry obtain draw collect wash add incubate transfer place store keep purchase buy dilute
    resuspend suspend centrifuge euthanize homogenize boil cut remove mix dissolve stain seed plate mount fix rinse
    dry weigh grind filter load record register enrol enroll recruit interview ask approve sign select divide assign
    score house anesthetize anaesthetize sacrifice prepare sample fill close open exclude download import set conduct
    process submit adopt adjust repeat follow subject choose consider inform give provide note mention describe report
    discuss review summarize list present show illustrate depict plot acquire supply thaw freeze heat cool pipette
    aliquot pool spin vortex autoclave sterilize shake stir elute label tag code sort randomize allocate schedule
    visit consent apply deliver align synthesize treat wipe clone amplify sequence deposit upload install run execute
    perfuse inoculate sow plant harvest transport ship order receive introduce
    """
)
_ANNOUNCERS = word_set(
    """
    study paper review article report work section chapter survey manuscript thesis we author part essay experiment
    analysis investigation project research trial protocol
    """
)
_BOILERPLATE = re.compile(
    r"\b(?:consents?|ethic(?:s|al)|approved by|institutional review|helsinki|fund(?:ed|ing)|grants?|informed|"
    r"conflicts? of interest|competing interests?|acknowledg\w+|thank\w*|purchased|manufacturers?['’]?|"
    r"suppl(?:ied|ier)|software|licen[cs]ed?|copyright|corresponding author|e-?mail|permission|supplementary|GmbH|"
    r"Inc\b|Ltd\b|Corp\b|Sigma|Invitrogen|Qiagen|manuscript|wrote|catalog(?:ue)?|questionnaires?|flow ?chart|"
    r"data (?:are|were) (?:expressed|presented|shown|available)|statistical (?:analys[ie]s|significance)|"
    r"[A-Z]{2,4}(?:, [A-Z]{2,4})* and [A-Z]{2,4} (?:were |have )?(?:perform|wr[io]t|design|conceiv|contribut|analy[sz]|"
    r"supervis|provid|review|generat|collect|carried|conduct|develop|draft|revis|edit)\w*|"
    r"P ?[<=>] ?0?\.\d|mean ± |standard deviation|ANOVA)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\d\s?(?:°\s?C|[mµμn]?[lL]\b|[mµμn]M\b|[mµμn]g\b|rpm\b|×\s?g|[hs]\b|min\b|[mc]m\b|nm\b|bp\b|U/|kV\b|Hz\b|"
    r"%\s?\((?:v/v|w/v|w/w))|\bpH \d|\bdpi\b|\bhpi\b"
)
_MEANS = word_set("by via through using")
_USEFUL = word_set("use employ apply recommend useful effective indicate approve prescribe suitable efficacious")


def is_boilerplate(sentence: Span) -> bool:
    """Whether a sentence tells of consent, money, suppliers and statistics: nobody searches for those."""
    return bool(_BOILERPLATE.search(sentence.text))


def is_bench_step(sentence: Span) -> bool:
    """Whether a sentence tells a step of laboratory work: amounts, temperatures and a verb in the passive past."""
    root = sentence.root
    passive = any(token.dep_ == "auxpass" and token.lower_ in ("was", "were") for token in root.lefts)
    if passive and root.lemma_.lower() not in _LASTING | _FOUND:
        return True
    return len(_AMOUNT.findall(sentence.text)) >= (1 if passive else 2)


def is_announcement(sentence: Span) -> bool:
    """Whether a sentence says what a paper does ("This review discusses ..."), not what is so."""
    root = sentence.root
    subject = next((token for token in root.lefts if token.dep_ in ("nsubj", "nsubjpass")), None)
    if subject is None or subject.lemma_.lower() not in _ANNOUNCERS:
        return False
    return root.lemma_.lower() in _INVESTIGATING


def is_procedure(verb: Token, *, passive: bool) -> bool:
    """Whether a verb tells a step of somebody's work at the bench or at the desk: "samples were collected"."""
    if verb.lemma_.lower() not in _PROCEDURE:
        return False
    return passive and (verb.tag_ == "VBN" or verb.tag_ == "VBD")


_LASTING = word_set(
    """
    associate link relate correlate attribute find locate derive cause induce mediate influence affect transmit
    limit make know regulate control inhibit activate suppress reduce increase decrease improve
    block prevent trigger drive encode produce release secrete recognize distribute concentrate restrict
    confine involve implicate replace complicate dominate follow accompany spread
    """
)


_FOUND = word_set(
    """
    observe detect identify report show demonstrate discover reveal isolate accompany enhance alter affect impair
    elevate change link restore attenuate protect disrupt delay accelerate abolish upregulate downregulate lower raise
    double expose infect express release secrete encode kill damage destroy lose introduce establish replace eradicate
    eliminate domesticate
    """
)


def tells_what_lasts(sentence: Span) -> bool:
    """Whether the main clause is in the present or the perfect: what is so, not what one study found."""
    root = sentence.root
    first = next((token for token in root.lefts if token.dep_ in ("aux", "auxpass")), root)
    if any(token.dep_ == "auxpass" for token in root.lefts) and root.lemma_ not in _LASTING | _FOUND:
        return False  # a step of a protocol
    return first.tag_ in ("VBZ", "VBP") or first.lower_ in ("can", "may")


def governing_verb(noun: Token) -> Token | None:
    """The verb whose subject, object or attachment a noun is, through other nouns and prepositions."""
    token = noun
    while token.head.i != token.i:
        token = token.head
        if token.pos_ in ("VERB", "AUX"):
            return token
    return None


def is_only_mentioned(noun: Token) -> bool:
    """Whether the sentence asks about what the noun names, or wants to, and does not tell it."""
    verb = governing_verb(noun)
    while verb is not None and verb.dep_ in ("acl", "relcl", "advcl", "xcomp", "conj", "pcomp", "ccomp", "ROOT"):
        if verb.lemma_.lower() in _INVESTIGATING:
            return True
        if any(token.tag_ == "MD" and token.lower_ in ("should", "must", "will") for token in verb.lefts):
            return True
        if verb.dep_ in ("ROOT", "ccomp", "relcl"):
            return False
        verb = governing_verb(verb)
    return False


def is_told_of(noun: Token) -> bool:
    """Whether the sentence says something of the noun: it is the subject of what is asserted."""
    verb = noun.head
    if noun.dep_ not in ("nsubj", "nsubjpass") or verb.pos_ not in ("VERB", "AUX"):
        return False
    return not is_only_mentioned(noun) and not any(token.dep_ == "neg" for token in verb.children)


def is_served(noun: Token) -> bool:
    """ "X is used in the treatment of Y": something named is good for what the noun names."""
    if noun.dep_ != "pobj" or noun.head.lower_ not in ("in", "for"):
        return False
    return noun.head.head.lemma_.lower() in _USEFUL and not is_only_mentioned(noun)


def names_a_way(noun: Token) -> bool:
    """Whether the way is told on the noun or on its verb: by, through, using."""
    return any(token.lower_ in _MEANS for token in (*noun.rights, *noun.head.rights))


def has_vague_subject(sentence: Span) -> bool:
    """Whether the main clause is about "it", "they" or "this": alone, it does not tell of what."""
    subject = next((token for token in sentence.root.lefts if token.dep_ in ("nsubj", "nsubjpass")), None)
    if subject is None:
        return False
    return subject.pos_ == "PRON" or any(
        child.lower_ in ("this", "these", "that", "those", "such", "its", "their", "both") for child in subject.lefts
    )
