"""Nouns and adjectives that do not tell of which thing a text speaks."""

from __future__ import annotations

from embtrainer_gui.generate.wordset import word_set

VAGUE_HEADS = word_set(  # never the name of a thing, whatever follows
    """
    degree unit study paper work author result finding datum data article report review experiment observation section
    aim goal purpose objective figure table fact thing way case one other others some many most none part order addition
    term kind sort type point regard contrast hand instance conclusion hypothesis investigator researcher survey attempt
    idea question issue view basis lot step reason today reference discussion text opinion context
    """
)
ANAPHORIC = word_set(  # "the virus" alone: which one stands elsewhere in the paper
    """
    bacteria plant virus disease infection patient protein gene model method outbreak epidemic vaccine treatment
    sample cell animal
    participant group country population drug antibody test system process strain pathogen person child infant mouse
    condition approach region site area hospital program project technique assay effect mechanism role trial
    intervention factor individual subject clone peptide sequence mutant compound agent product structure change
    increase decrease reaction symptom rate level analysis species host genome particle domain residue vector plasmid
    construct mixture plate slide control cohort questionnaire respondent parameter variable ratio period time year
    day month week date end beginning rest remainder company team committee former latter same rule policy measure
    problem event response dose phage bacterium organism tissue membrane complex state value city province village
    district school ward isolate band peak curve line primer reagent kit instrument device number amount majority
    variety set list presence difference use evidence support possibility need interest knowledge understanding
    concern situation literature example manner extent lack challenge content reading criterion addition effort
    consideration feature performance accuracy quality efficiency objective strategy measurement variant form stage
    phase score scale function activity experience setting focus trend field property space requirement solution
    environment community society government authority market industry service facility source result concentration
    temperature pressure potential contribution proportion share
    """
)
GENERIC = (  # adjectives that say nothing of which thing is meant
    ANAPHORIC
    | VAGUE_HEADS
    | word_set(
        """
    direct indirect main major minor new old novel other second first third last final initial present current
    previous following whole entire total overall same different similar various general specific particular important
    significant key possible potential certain given large small big high low great good bad best better more less
    most two three four several many few own further additional common normal standard local early late subsequent
    corresponding respective relevant available original remaining proposed observed reported reviewed selected
    studied used obtained single double multiple actual real short long strong weak full complete special experimental
    basic essential necessary appropriate suitable simple complex separate individual
    excessive adequate sufficient extreme extensive annual seasonal daily weekly monthly immediate global national
    regional natural modern current
    """
    )
)
