"""The server of the page, for the command `fer-onnx demo`."""

from collections.abc import Sequence
from pathlib import Path

from streamlit.web import cli

HERE = Path(__file__).parent


def serve(address: str, port: int | None = None, models: Sequence[str] = ()) -> None:
    """Serve the page until the process is interrupted.

    What `.streamlit/config.toml` beside the script says goes with it: no usage statistics, and no
    look-up of this computer's address.

    Args:
        address: the one to listen on.
        port: 8501 by default, or the next that is free.
        models: files that can be chosen beside the bundled models; the first answers first.
    """
    settings = {"server.address": address, "server.port": port, "server.fileWatcherType": "none"}
    flags = [f"--{name}={value}" for name, value in settings.items() if value is not None]
    arguments = ["--", "--model", *models] if models else []
    command = ["run", str(HERE / "script.py"), *flags, *arguments]
    cli.main(command, prog_name="streamlit", standalone_mode=False)
