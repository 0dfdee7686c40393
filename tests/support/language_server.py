"""The real yaml-language-server, spoken to as an editor does: JSON-RPC over its standard input and output."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import sleep
from typing import Any

INSTALLED = Path(__file__).parents[2] / ".venv" / "editor"
"""Where `make test` puts it; `why-not` there says why it could not."""
PATIENCE = 60
"""Seconds to wait for an answer."""


def program() -> list[str] | None:
    """The command that starts it, None where it is not there."""
    script = INSTALLED / "node_modules" / ".bin" / "yaml-language-server"
    return [str(script), "--stdio"] if script.exists() and shutil.which("node") else None


def why_not() -> str:
    """Why it is not there."""
    noted = INSTALLED / "why-not"
    return noted.read_text("utf-8").strip() if noted.is_file() else "`make test` sets it up"


class LanguageServer:
    """One server, and the files opened in it. Positions count lines and characters from 0."""

    def __init__(self, folder: Path) -> None:
        command = program()
        assert command is not None
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder)
        self.answers: dict[int, Queue[Any]] = {}
        self.findings: dict[str, Queue[list[dict[str, Any]]]] = {}
        self.number = 0
        Thread(target=self._listen, daemon=True).start()
        settings = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "completion": True, "hover": True}}
        self.settings = settings
        workspace = [{"uri": folder.as_uri(), "name": folder.name}]
        abilities = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}}, "workspace": {"configuration": True}}
        self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "workspaceFolders": workspace, "capabilities": abilities})
        self._send({"method": "initialized", "params": {}})
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": settings}})

    def wait(self, path: Path, text: str) -> None:
        """Wait until it has taken in its settings: what it is told before, it looks at without them. The text is one it finds fault with."""
        for _ in range(PATIENCE * 10):
            found = self.open(path, text)
            self.close(path)
            if found:
                return
            sleep(0.1)
        raise AssertionError("the language server finds fault with nothing")

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Open a file with a text; what the server finds wrong with it."""
        told = self.findings.setdefault(path.as_uri(), Queue())
        about = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": about}})
        return told.get(timeout=PATIENCE)

    def close(self, path: Path) -> None:
        """Close a file."""
        self._send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": path.as_uri()}}})
        self.findings.pop(path.as_uri(), None)

    def complete(self, path: Path, line: int, character: int) -> list[str]:
        """What it offers at a place."""
        place = {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}}
        found = self.ask("textDocument/completion", place)
        return [item["label"] for item in (found["items"] if isinstance(found, dict) else found)]

    def hover(self, path: Path, line: int, character: int) -> str:
        """What it says of a place."""
        found = self.ask("textDocument/hover", {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}})
        return "" if found is None else str(found["contents"]["value"])

    def ask(self, method: str, params: Any) -> Any:
        """Ask and wait for the answer."""
        self.number += 1
        queue = self.answers[self.number] = Queue()
        self._send({"id": self.number, "method": method, "params": params})
        try:
            return queue.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError(f"the language server did not answer {method}") from None

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        while (message := self._read(self.process.stdout)) is not None:
            if message.get("method") == "textDocument/publishDiagnostics":
                self.findings.setdefault(message["params"]["uri"], Queue()).put(message["params"]["diagnostics"])
            elif message.get("method") == "workspace/configuration":
                wanted = [self.settings.get(item.get("section"), {}) for item in message["params"]["items"]]
                self._send({"id": message["id"], "result": wanted})
            elif "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})
            elif "id" in message:
                self.answers[message["id"]].put(message.get("result"))

    @staticmethod
    def _read(stream: Any) -> dict[str, Any] | None:
        length = 0
        while (line := stream.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if not length:
            return None
        found: dict[str, Any] = json.loads(stream.read(length))
        return found
