"""The local mailbox: a real SMTP server on loopback that keeps every message as one `.eml` file.

`python -m helpdesk.launch.mailbox --port 2525 --dir var/mail`. It reads nothing else of the product, so the
supervisor starts it as a plain file, without the application in its memory.
"""

import argparse
import asyncio
import os
import secrets
import signal
import socket
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

MOST_BYTES = 33_554_432  # of one message


class Keeper:
    """Writes each message that arrives into a directory, complete or not at all."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message with its envelope; the SMTP answer."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        try:
            name = await asyncio.to_thread(self.keep, head.encode("utf-8", "surrogateescape") + raw)
        except OSError as error:
            return f"452 4.3.1 Cannot keep the message: {error.strerror}"
        return f"250 2.0.0 Kept as {name}"

    def keep(self, message: bytes) -> str:
        """Write one message; the file's name, which sorts by time of arrival (UTC)."""
        seconds, rest = divmod(time.time_ns(), 1_000_000_000)
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
        name = f"{stamp}.{rest:09d}Z-{secrets.token_hex(3)}.eml"
        unfinished = self.directory / f".{name}.part"
        with unfinished.open("wb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self.directory / name)
        return name


async def serve(listener: socket.socket, directory: Path) -> None:
    """Take mail on a bound socket until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    keeper = Keeper(directory)

    def protocol() -> SMTP:
        return SMTP(keeper, data_size_limit=MOST_BYTES, enable_SMTPUTF8=True, hostname="localhost", loop=loop)

    server = await loop.create_server(protocol, sock=listener)
    await stopped.wait()
    server.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="Keep every mail that arrives by SMTP as a file.")
    parser.add_argument("--dir", type=Path, required=True, help="where the .eml files go")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--port", type=int, help="port on 127.0.0.1")
    where.add_argument("--fd", type=int, help="a socket that is bound already")
    given = parser.parse_args()
    given.dir.mkdir(parents=True, exist_ok=True)
    listener = (
        socket.create_server(("127.0.0.1", given.port))
        if given.fd is None
        else socket.socket(fileno=given.fd)
    )
    asyncio.run(serve(listener, given.dir))


if __name__ == "__main__":
    main()
