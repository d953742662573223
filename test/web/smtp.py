#!/usr/bin/python3
"""The mail server that the tests of alerts send to: aiosmtpd, on a port that the system chooses.

    smtp.py FILE [--refuse N] [--cert FILE --key FILE --user NAME --password PASSWORD]

It prints "port N" when it is ready, refuses the first N messages with 451 and appends the
others to FILE, a line of JSON each: from, to, content, tls, user.  With --cert it offers
STARTTLS, and takes only who has logged in after it.  It ends when its standard input is
closed.  Debian's python3-aiosmtpd.
"""

import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    def __init__(self, arguments):
        self.file = arguments.file
        self.refuse = arguments.refuse

    async def handle_DATA(self, server, session, envelope):
        if self.refuse > 0:
            self.refuse -= 1
            return "451 try again"
        login = session.auth_data
        with open(self.file, "a", encoding="utf-8") as file:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos,
                       "content": envelope.content.decode("ascii"), "tls": session.ssl is not None,
                       "user": login and login.decode()}, file)
            file.write("\n")
        return "250 taken"


def authenticator(arguments):
    def check(server, session, envelope, mechanism, data):
        right = (isinstance(data, LoginPassword) and data.login == arguments.user.encode()
                 and data.password == arguments.password.encode())
        return AuthResult(success=right, auth_data=data.login if right else None)
    return check


async def serve(arguments):
    loop = asyncio.get_running_loop()
    options = {}
    if arguments.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.cert, arguments.key)
        options = {"tls_context": context, "require_starttls": True, "auth_required": True,
                   "authenticator": authenticator(arguments)}
    handler = Handler(arguments)
    server = await loop.create_server(lambda: SMTP(handler, **options), "127.0.0.1", 0)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--refuse", type=int, default=0)
parser.add_argument("--cert")
parser.add_argument("--key")
parser.add_argument("--user", default="")
parser.add_argument("--password", default="")
asyncio.run(serve(parser.parse_args()))
