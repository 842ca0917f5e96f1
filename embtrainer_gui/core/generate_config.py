"""The config of the questions' stage: bounds, defaults and the help text of every field."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from embtrainer_gui.core.question_kinds import checked_kinds
from embtrainer_gui.core.stage_config import StageConfig
from embtrainer_gui.core.translate import mark

Backend = Literal["builtin", "ollama", "openai"]
BUILTIN: Backend = "builtin"
BACKENDS: tuple[Backend, ...] = get_args(Backend)
Wording = Literal["any", "careful"]
WORDINGS: tuple[Wording, ...] = get_args(Wording)
MOST_EXAMPLES = 8
LONGEST_PROMPT = 20_000  # characters


class ExampleQuestion(BaseModel):
    """A question with its answer that the user wrote to show what is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Annotated[str, Field(min_length=3, max_length=500)]
    answer: Annotated[str, Field(min_length=1, max_length=1000)]


class GenerateConfig(StageConfig):
    backend: Annotated[
        Backend,
        Field(
            description=mark(
                "What writes the questions: the built-in generator needs no server and is basic; ollama is a server of"
                " Ollama, openai is OpenAI and every server that speaks like it (vLLM, LM Studio, llama.cpp, clouds)."
            )
        ),
    ] = "builtin"
    wording: Annotated[
        Wording,
        Field(
            description=mark(
                "How the questions of the built-in generator read: any makes many, which trains best; careful makes few"
                " that read well, for reading, sharing and testing."
            )
        ),
    ] = "any"
    per_passage: Annotated[
        int,
        Field(
            ge=1, le=20, description=mark("Most questions made of one passage; a server writes them all in one call.")
        ),
    ] = 6
    seed: Annotated[
        int,
        Field(
            ge=0,
            description=mark("Number that decides between equally good questions; servers that take a seed get it."),
        ),
    ] = 42
    base_url: Annotated[
        str,
        Field(
            max_length=500,
            description=mark("Address of the server, such as http://localhost:11434 or https://api.openai.com/v1."),
        ),
    ] = "http://localhost:11434"
    model: Annotated[str, Field(max_length=200, description=mark("Name of the model, as its server has it."))] = ""
    prompt: Annotated[
        str,
        Field(
            max_length=LONGEST_PROMPT,
            description=mark(
                "What the server is asked, with {passage}, {count}, {kinds} and further names in braces that are filled"
                " in for each passage. Left empty, the wording that comes with the program."
            ),
        ),
    ] = ""
    kinds: Annotated[
        str,
        Field(max_length=300),
        AfterValidator(checked_kinds),
        Field(
            description=mark(
                "Shares of the kinds of questions that a server is asked for, such as fact=3, method=2, keyword=1."
                " Kinds are definition, cause, method, quantity, comparison, fact and keyword; left empty, all alike."
            )
        ),
    ] = "fact=3, method=2, cause=2, comparison=1, quantity=1, definition=1, keyword=2"
    examples: Annotated[
        tuple[ExampleQuestion, ...],
        Field(
            max_length=MOST_EXAMPLES,
            description=mark(
                "Up to 8 questions with their answers that you wrote yourself: the server is shown them as models."
            ),
        ),
    ] = ()
    temperature: Annotated[
        float, Field(ge=0, le=2, description=mark("How freely the server's model words things; 0 is the most likely."))
    ] = 0.4
    context_tokens: Annotated[
        int,
        Field(
            ge=0,
            le=2_000_000,
            description=mark(
                "Tokens that prompt and reply may have together. 0 asks the server; Ollama is given as many as are"
                " needed, and 4096 are taken where a server does not tell. Passages that do not fit are not sent."
            ),
        ),
    ] = 0
    reply_tokens: Annotated[
        int,
        Field(
            ge=64,
            le=65_536,
            description=mark("Most tokens of one reply, the thinking of reasoning models with them."),
        ),
    ] = 2048
    concurrency: Annotated[
        int,
        Field(
            ge=0,
            le=256,
            description=mark("Requests in flight at the same time; 0 finds out how many the server likes."),
        ),
    ] = 0
    attempts: Annotated[
        int, Field(ge=1, le=20, description=mark("Times that a passage is asked while its reply is of no use."))
    ] = 3
    request_seconds: Annotated[
        float,
        Field(ge=5, le=3600, description=mark("Longest wait for one reply, in seconds; then it is asked again.")),
    ] = 180.0
    judge: Annotated[
        bool,
        Field(
            description=mark(
                "Whether a server then gives every question that has none a mark from 0 to 10, one call a passage."
            )
        ),
    ] = False
    judge_mark: Annotated[
        float, Field(ge=0, le=10, description=mark("Lowest mark that is not flagged as judged low."))
    ] = 7.0
    judge_model: Annotated[
        str,
        Field(max_length=200, description=mark("Model that marks, on the same server; left empty, the one that asks.")),
    ] = ""
    price_in: Annotated[
        float,
        Field(
            ge=0, le=10_000, description=mark("Price of a million tokens sent, for the cost; 0 where nothing is paid.")
        ),
    ] = 0.0
    price_out: Annotated[
        float, Field(ge=0, le=10_000, description=mark("Price of a million tokens received, for the cost."))
    ] = 0.0


def generator_name(config: GenerateConfig) -> str:
    """What a generator goes by in a project: another model on a server, another wording is another generator."""
    if config.backend != BUILTIN:
        return f"{config.backend}:{config.model}"
    return BUILTIN if config.wording == "any" else f"{BUILTIN}:{config.wording}"


def is_builtin(generator: str) -> bool:
    """Whether a name that ``generator_name`` gave is the built-in generator's."""
    return generator.partition(":")[0] == BUILTIN
