"""What every request about a passage shares: the place, the wording, the room in the model's context."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from embtrainer_gui.core import consent
from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.chat import ChatReply, ChatRequest, ServerPlace
from embtrainer_gui.core.config import BUNDLED_MODEL, GenerateConfig
from embtrainer_gui.core.errors import AppError, UserError
from embtrainer_gui.core.question_prompt import Filled, PassageToAsk, QuestionPrompt
from embtrainer_gui.core.records import Passage, QuestionKind
from embtrainer_gui.core.reply_log import log_reply
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.server_runs import Call
from embtrainer_gui.core.token_budget import TokenBudget, context_to_use
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.replies import QuotedQuestion, ReadReply, read_reply
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.workplace import HERE, Workplace
from embtrainer_gui.text.tokens import TokenCounter

TOP_P = 0.95


@dataclass(frozen=True, slots=True)
class Ask:
    """One passage to ask about. ``kept`` are questions of an earlier reply that was cut."""

    passage: PassageToAsk
    count: int
    attempt: int = 1
    kept: tuple[QuotedQuestion, ...] = ()
    kind: QuestionKind | None = None  # only of this one
    known: tuple[str, ...] = ()  # questions that are there already
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request on its way."""

    ask: Ask
    request: ChatRequest


def place_of(config: GenerateConfig, key: str = "") -> ServerPlace:
    """The server of a config.

    Raises:
        UserError: it names no server or no model.
    """
    if config.backend == "builtin":
        raise UserError(mark("The built-in generator has no server."), mark("Choose ollama or openai."))
    if not config.base_url.strip().startswith(("http://", "https://")):
        raise UserError(
            mark("{address!r} is no address of a server."),
            mark("It begins with http:// or https://, such as http://localhost:11434."),
            address=config.base_url,
        )
    if not config.model.strip():
        raise UserError(
            mark("No model of the server {address} is named."),
            mark("Name one that it has: --model NAME; the Test button in Settings lists them."),
            address=config.base_url,
        )
    return ServerPlace(config.backend, config.base_url.strip(), config.model.strip(), key)


class Asker:
    """Makes requests and reads replies; talks to nobody itself."""

    def __init__(self, config: GenerateConfig, prompt: QuestionPrompt, budget: TokenBudget) -> None:
        self.config, self.prompt, self.budget = config, prompt, budget

    def send(self, ask: Ask) -> Sent:
        """The request for a passage, with as many questions as fit.

        Raises:
            DoesNotFit: not even one does.
        """
        count, reply_tokens = self.budget.plan(lambda count: text_of(self._fill(ask, count)), ask.count)
        filled = self._fill(ask, count)
        request = ChatRequest(
            filled.system,
            filled.user,
            filled.schema,
            reply_tokens,
            self.config.temperature,
            TOP_P,
            self.config.seed + ask.attempt - 1,  # the same seed would give the same reply
            context_tokens=self.budget.context if self.config.backend == "ollama" else 0,
        )
        return Sent(replace(ask, count=count), request)

    def read(self, sent: Sent, reply: ChatReply) -> ReadReply:
        self.budget.learn(sent.request.system + sent.request.user, reply.prompt_tokens)
        known = (*sent.ask.known, *(question.question for question in sent.ask.kept))
        is_cut = reply.finish == "length"
        passage, most = sent.ask.passage.text, sent.ask.count
        return read_reply(reply.text, passage, most, cut=is_cut, known=known, seed=sent.request.seed)

    def _fill(self, ask: Ask, count: int) -> Filled:
        known = (*ask.known, *(question.question for question in ask.kept))
        return self.prompt.fill(ask.passage, count, {ask.kind: count} if ask.kind else None, known)


def make_asker(config: GenerateConfig, place: ServerPlace, asks: Sequence[Ask], workplace: Workplace = HERE) -> Asker:
    """Ask the server for its model's context length and make room for the longest prompt.

    Raises:
        UserError, EnvironmentProblem: the prompt is of no use, or the server is not there.
    """
    prompt = QuestionPrompt(config)
    texts = (text_of(prompt.fill(ask.passage, ask.count)) for ask in asks)
    return Asker(config, prompt, make_budget(config, place, texts, workplace))


def make_budget(
    config: GenerateConfig, place: ServerPlace, prompts: Iterable[str], workplace: Workplace = HERE
) -> TokenBudget:
    """The room that prompts and replies have; where it can be set (Ollama), as much as the longest prompt needs.

    Raises:
        EnvironmentProblem: the server is not there.
    """
    facts = workplace.server_facts(place)
    counter = TokenCounter(model_folder(BUNDLED_MODEL))
    budget = TokenBudget(lambda text: counter.count([text])[0], 0, config.reply_tokens)
    is_settable = place.protocol == "ollama"
    longest = max(map(budget.prompt_tokens, prompts), default=0) if is_settable else 0
    needed = longest + config.reply_tokens
    budget.context = context_to_use(config.context_tokens, facts.context_tokens, needed, is_settable)
    return budget


def text_of(filled: Filled) -> str:
    """All that a server counts as the prompt."""
    return filled.system + filled.user


def asks_of(project: Project, passages: Sequence[Passage], count: int) -> list[Ask]:
    """One for each passage, with what its prompt names."""
    languages = project.server_runs.languages()
    documents = {document.id: document for document in project.documents.all()}
    asks = []
    for passage in passages:
        paper = documents[passage.document_id]
        about = PassageToAsk(passage.id, passage.text, paper.title, passage.section, languages.get(passage.id, ""))
        asks.append(Ask(about, count, file_name=paper.file_name))
    return asks


def tell_host(ctx: JobContext, project: Project, place: ServerPlace, passages: int) -> None:
    """Say where the text goes.

    Raises:
        ConsentNeeded: to another machine, and the user has not said yes.
    """
    host = host_of(place.address)
    if not consent.is_allowed(project, host):
        raise consent.consent_needed(host, mark("The text of the passages"))
    ctx.status(
        mark("The text of {count} passages goes to {model} at {host}.").format(
            count=passages, model=place.model, host=host
        )
    )


def tell_outage(ctx: JobContext, place: ServerPlace, problem: AppError | None) -> None:
    """Say that a server is waited for, or that it is back."""
    host = host_of(place.address)
    if problem is None:
        ctx.status(mark("{host} answers again.").format(host=host))
    else:
        text = mark("Waiting for {host}: {reason}. It is asked again by itself until it answers; nothing is lost.")
        ctx.status(text.format(host=host, reason=problem.message.rstrip(".")))


def call_of(stamp: str, passage: int | None, place: ServerPlace, purpose: str, reply: ChatReply, outcome: str) -> Call:
    return Call(
        stamp,
        passage,
        host_of(place.address),
        place.model,
        purpose,
        outcome,
        reply.prompt_tokens,
        reply.completion_tokens,
        reply.seconds,
        utc_now(),
    )


def keep_reply(project: Project, place: ServerPlace, passage: int, reason: str, reply: str) -> None:
    """Put a reply that was of no use into the project's log, without the key where a server repeats it."""
    text = reply.replace(place.key, "***") if place.key else reply
    log_reply(project.folder / "logs", utc_now(), passage, place.model, reason, text)
