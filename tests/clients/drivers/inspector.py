"""Drives the inspector's CLI; see driving.py for what goes in and out.

It knows one method a process: over stdio, each has a server of its own.
"""

import json
import subprocess
import sys
from typing import Any


def reached(server: dict[str, Any], transport: str) -> tuple[list[str], list[str]]:
    """The options and the target that stand for a server."""
    if transport == "stdio":
        variables = [f"{name}={value}" for name, value in server["env"].items()]
        options = [part for pair in variables for part in ("-e", pair)]
        return options, [server["command"], *server["args"]]
    return ["--transport", transport], [server["url"]]


def options(method: str, params: dict[str, Any]) -> list[str]:
    """The options that stand for the parameters of a method."""
    match method:
        case "tools/call":
            arguments = json.dumps(params["arguments"])
            return ["--tool-name", params["name"], "--tool-args-json", arguments]
        case "prompts/get":
            pairs = [f"{name}={value}" for name, value in params["arguments"].items()]
            return ["--prompt-name", params["name"], "--prompt-args", *pairs]
        case "resources/read":
            return ["--uri", params["uri"]]
    return []


def main(script: dict[str, Any]) -> dict[str, Any]:
    before, target = reached(script["server"], script["transport"])

    def call(method: str, params: dict[str, Any]) -> dict[str, Any]:
        command = ["mcp-inspector", "--cli", *target, *before]
        command += ["--connect-timeout", "0", "--format", "json", "--quiet"]
        done = subprocess.run(
            [*command, "--method", method, *options(method, params)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.stdout:
            result: dict[str, Any] = json.loads(done.stdout)["result"]
            return result
        if not done.stderr.startswith('{"error"'):
            sys.exit(f"{method}: {done.stderr}")
        return {"error": json.loads(done.stderr)["error"]["message"]}

    hello = call("initialize", {})
    return {
        "protocol": hello["protocolVersion"],
        "server": hello["serverInfo"]["name"],
        "results": [call(method, params) for method, params in script["steps"]],
        "told": [],
    }


print(json.dumps(main(json.load(sys.stdin))))
