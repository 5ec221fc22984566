"""An SMTP server for tests: python smtp.py plain|starttls|tls|refuse|hang [CERT KEY]

Prints its port, then each mail it takes as one line of JSON. `starttls` and `tls` want the user `plumb` with the password
`correct horse`. `refuse` answers every recipient with a permanent error, `hang` never says a word. Ends with its standard input.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult

mode = sys.argv[1]


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == "refuse":
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
        headers = [[name, str(value)] for name, value in mail.items()]
        login = session.auth_data.login.decode() if session.authenticated else None
        secured = session.ssl is not None or mode == "tls"
        print(
            json.dumps(
                {"to": envelope.rcpt_tos, "headers": headers, "parts": parts, "login": login, "secured": secured}
            ),
            flush=True,
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    known = data.login == b"plumb" and data.password == b"correct horse"
    # What is not handled here the server refuses itself.
    return AuthResult(success=known, handled=known, auth_data=data)


def protocol(context):
    secured = mode in ("starttls", "tls")
    return SMTP(
        Handler(),
        hostname="localhost",
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
        authenticator=authenticate if secured else None,
        auth_required=secured,
        auth_require_tls=mode == "starttls",
    )


async def hang(reader, writer):
    await reader.read()


async def main():
    context = None
    if mode in ("starttls", "tls"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    loop = asyncio.get_running_loop()
    if mode == "hang":
        server = await asyncio.start_server(hang, "127.0.0.1", 0)
    else:
        wrapped = context if mode == "tls" else None
        server = await loop.create_server(lambda: protocol(context), "127.0.0.1", 0, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
