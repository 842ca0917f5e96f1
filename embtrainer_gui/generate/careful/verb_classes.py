"""Verbs that state what something does, so that a question of one sentence about it has an answer."""

from __future__ import annotations

from embtrainer_gui.generate.wordset import word_set

NARROW = word_set(  # "What does X encode?" has an answer without more words
    """
    encode infect cause target bind recognize colonize secrete catalyze catalyse convert cleave inhibit regulate mediate
    transport hydrolyze degrade synthesize activate suppress stimulate block attack parasitize phosphorylate
    dephosphorylate kill destroy oxidize metabolize modulate transmit attract neutralize express
    """
)
STATING = NARROW | word_set(  # with an object of its own, each may ask for its subject
    """
    increase decrease reduce improve enhance promote prevent affect influence induce protect control lead result
    contribute trigger impair delay accelerate attenuate facilitate limit lower raise elevate upregulate downregulate
    restrict determine damage disrupt drive produce generate form release store carry replicate depend consist interact
    stabilize repair replace mimic restore relieve alleviate mitigate strengthen weaken eliminate absorb dissolve
    transfer exacerbate counteract antagonize abolish potentiate
    """
)
EFFECTS = word_set(  # of these only circumstances make "what" definite: "What does X reduce in Y?"
    """
    increase decrease reduce improve enhance promote prevent affect influence induce protect control trigger
    impair delay
    accelerate attenuate facilitate limit lower raise elevate upregulate downregulate restrict determine damage disrupt
    produce generate form release lack require use restore replace absorb
    """
)
AGENTS = word_set(  # "X is caused by Y": of these the agent is worth a question
    """
    cause induce trigger regulate mediate inhibit activate produce encode catalyze control modulate suppress transmit
    spread influence affect limit block prevent drive stimulate secrete synthesize release infect recognize degrade
    metabolize dominate vector pollinate
    """
)
