"""``python -m sandbox``: serve the sandbox until SIGTERM or SIGINT."""

import argparse
import logging
from pathlib import Path

from aiohttp import web

from sandbox.app import create_app
from sandbox.config import ClockMapping, SandboxConfig


def _read_secret(path: Path) -> str:
    secret = path.read_text(encoding="utf-8").strip()
    if not secret:
        raise SystemExit(f"{path} is empty")
    return secret


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="An offline Stripe.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default loopback)")
    parser.add_argument("--port", type=int, required=True, help="port; 0 takes a free one and prints it")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of sandbox.sqlite3")
    parser.add_argument("--secret-key-file", type=Path, required=True, help="file holding the API key")
    parser.add_argument(
        "--webhook-secret-file", type=Path, required=True, help="file holding the webhook secret"
    )
    parser.add_argument("--webhook-url", help="where events are sent")
    parser.add_argument(
        "--allowed-host", action="append", default=[], help="accepted in Host beside loopback"
    )
    parser.add_argument("--origin-real", type=float, default=0.0, help="clock mapping, Unix seconds")
    parser.add_argument("--origin-domain", type=float, default=0.0, help="clock mapping, Unix seconds")
    parser.add_argument("--clock-speed", type=float, default=1.0, help="domain seconds per real second")
    return parser


def config_of(arguments: argparse.Namespace) -> SandboxConfig:
    """The configuration that the command line names."""
    return SandboxConfig(
        data_dir=arguments.data_dir,
        secret_key=_read_secret(arguments.secret_key_file),
        webhook_secret=_read_secret(arguments.webhook_secret_file),
        webhook_url=arguments.webhook_url,
        allowed_hosts=frozenset(host.lower() for host in arguments.allowed_host),
        clock=ClockMapping(arguments.origin_real, arguments.origin_domain, arguments.clock_speed),
    )


def main() -> None:
    """Parse, serve, stop."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    web.run_app(
        create_app(config_of(arguments)),
        host=arguments.host,
        port=arguments.port,
        access_log=None,
        shutdown_timeout=2.0,
    )


if __name__ == "__main__":
    main()
