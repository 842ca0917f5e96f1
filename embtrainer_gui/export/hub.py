"""Upload of a model folder to a hub in the way of huggingface.co: only when the user names a repository."""

from __future__ import annotations

from pathlib import Path

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.translate import mark


def push_folder(folder: Path, repository: str, *, public: bool) -> str:
    """Make the repository where there is none (private unless ``public``) and commit ``folder``; gives its address.

    The key is the environment's HF_TOKEN, or what ``hf auth login`` stored; HF_ENDPOINT names another hub.

    Raises:
        UserError: no repository can have this name, or there is no key.
        EnvironmentProblem: the hub cannot be reached or refuses.
    """
    import httpx
    import huggingface_hub as hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

    if hub.get_token() is None:
        raise UserError(
            mark("There is no key for the hub."),
            mark("Set HF_TOKEN to a key that may write, or log in once with: hf auth login"),
        )
    api = hub.HfApi()
    try:
        api.create_repo(repository, private=not public, exist_ok=True)
        if getattr(api.repo_info(repository), "private", None) is public:  # one that is there keeps who may see it
            raise UserError(
                mark("{name} is there already, and is {kind}."),
                mark("Choose another name, or change on the hub who may see it."),
                name=repository,
                kind=mark("for a few only") if public else mark("for all to see"),
            )
        api.upload_folder(repo_id=repository, folder_path=folder, commit_message="Model of Embedding Trainer")
    except HFValidationError as problem:
        raise UserError(
            mark("No repository can be named {name!r}."), mark("Write it as OWNER/NAME."), name=repository
        ) from problem
    except OfflineModeIsEnabled as problem:
        raise EnvironmentProblem(
            mark("Nothing was sent: HF_HUB_OFFLINE forbids it."), mark("Unset it for this command.")
        ) from problem
    except (HfHubHTTPError, httpx.HTTPError, OSError) as problem:
        raise EnvironmentProblem(
            mark("The hub at {address} did not take the model: {reason}"),
            mark("Check the key, the name and the network; the same command may be repeated."),
            address=api.endpoint,
            reason=(str(problem).strip() or type(problem).__name__).splitlines()[0],
        ) from problem
    return f"{api.endpoint}/{repository}"
