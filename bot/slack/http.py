"""What Slack calls over HTTP: whoever cannot sign as Slack does is turned away before a word of theirs is parsed."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.front import Malformed, Unfit, body_of, json_of, not_now, refused
from bot.slack.manifest import EVENTS_PATH

Json = dict[str, Any]
# Stores one delivery; what to say with the acknowledgement (mostly nothing), or None where it could not be stored.
Take = Callable[[Json], Awaitable[Json | None]]

FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FORM_PARTS = 100
# The shape and the time come first, and the body only then: the verifier fails loudly on other shapes (platforms M7).
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
SIGNED_SECONDS = 300


def route(secret: str, take: Take) -> Route:
    """The one address of commands, events and presses.

    There is no cache of signatures: while one is good, for five minutes, and for days after, the inbox knows what
    it has taken, also after a restart. A delivery that comes again is acknowledged again and done once.
    """
    verifier = SignatureVerifier(secret)

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            # Slack looks whether our certificate is good.
            return Response(status_code=200 if request.query_params.get("ssl_check") else 405)
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
            return refused(401)
        if abs(time.time() - int(timestamp)) > SIGNED_SECONDS:
            return refused(401)
        try:
            body = await body_of(request)
            if not _signed(verifier, body, timestamp, signature):
                return refused(401)
            payload = _payload(body, request.headers.get("content-type", ""))
        except Unfit as unfit:
            return refused(unfit.status)
        return await _answered(payload, take)

    return Route(EVENTS_PATH, answer, methods=["GET", "POST"])


async def _answered(payload: Json, take: Take) -> Response:
    if payload.get("ssl_check"):
        return Response()
    if payload.get("type") == "url_verification":
        return JSONResponse({"challenge": payload.get("challenge")})
    said = await take(payload)
    if said is None:
        return not_now()
    return JSONResponse(said) if said else Response()


def _signed(verifier: SignatureVerifier, body: bytes, timestamp: str, signature: str) -> bool:
    try:
        return verifier.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False


def _payload(body: bytes, content_type: str) -> Json:
    """Events come as JSON, commands as a form, presses and filled-in forms as JSON in a form."""
    found: Any
    if content_type.partition(";")[0].strip().casefold() == FORM_TYPE:
        try:
            said = body.decode("utf-8")
            found = dict(parse_qsl(said, keep_blank_values=True, max_num_fields=MOST_FORM_PARTS))
        except ValueError:
            raise Malformed from None
        if "payload" in found:
            found = json_of(found["payload"].encode("utf-8"))
    else:
        found = json_of(body)
    if not isinstance(found, dict):
        raise Malformed
    return found
