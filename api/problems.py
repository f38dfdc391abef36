"""Errors of the HTTP routes as problem documents (RFC 9457), with words in the caller's language."""

from collections.abc import Mapping
from typing import Final

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gridhall.api.middleware.bodies import BodyTooLargeError
from gridhall.kit.log import current_request_id, logger
from gridhall.kit.mongo import is_unavailable
from gridhall.kit.words import Words, choose_language

_log = logger("api")

STATUS: Final = {
    "access.sign_in_first": 401,
    "access.not_your_account": 404,
    "feed.not_allowed": 401,
    "feed.too_large": 413,
    "feed.bad_format": 415,
    "feed.bad_gzip": 400,
    "feed.refused": 422,
    "feed.bad_key": 400,
    "feed.bad_encoding": 415,
    "feed.key_used": 422,
    "feed.under_way": 409,
    "feed.too_often": 429,
    "feed.too_slow": 408,
    "feed.busy": 503,
    "field.not_allowed": 401,
    "field.withdrawn": 409,
    "field.bad_cursor": 422,
    "photos.not_a_photo": 415,
    "photos.too_many": 429,
    "input.bad_phone": 422,
    "input.invalid": 422,
    "codes.wrong": 422,
    "codes.too_often": 429,
    "codes.too_many_tries": 422,
    "tokens.ended": 401,
    "agents.wrong": 401,
    "agents.locked": 429,
    "agents.change_password_first": 403,
    "agents.bad_password": 422,
    "wechat.bad_code": 422,
    "wechat.bad_ticket": 422,
    "wechat.too_often": 429,
    "wechat.blocked": 403,
    "wechat.unavailable": 503,
    "callback.forged": 401,
    "callback.unknown": 404,
    "callback.number_taken": 409,
    "usage.bad_range": 422,
    "usage.link_ended": 403,
    "not_found": 404,
    "input.unreadable": 400,
    "input.bad_method": 405,
    "input.too_large": 413,
    "unavailable": 503,
    "fault": 500,
}
"""The HTTP status of each problem."""

_OF_HTTP: Final = {404: "not_found", 405: "input.bad_method"}
"""The problem for what the framework refuses by itself."""


class ProblemError(Exception):
    """A problem to answer with. Its words are chosen when the answer is written."""

    def __init__(
        self,
        code: str,
        params: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = params or {}
        self.headers = dict(headers or {})
        self.more = more or {}


def answer(words: Words, request: Request, problem: ProblemError) -> Response:
    """Write a problem document."""
    language = choose_language(request.headers.get("accept-language"))
    status = STATUS[problem.code]
    body = {
        "code": problem.code,
        "title": words.say(f"problem.{problem.code}", language=language, params=problem.params),
        "status": status,
        "requestId": current_request_id(),
        **problem.more,
    }
    return Response(
        orjson.dumps(body), status_code=status, media_type="application/problem+json", headers=problem.headers
    )


def problem_of(error: Exception) -> ProblemError:
    """Return the problem to answer an error with; of a fault nothing is shown, and all of it is logged."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        # The fields are named and what is allowed is said; their values are not repeated.
        fields = [
            {"field": ".".join(str(part) for part in one["loc"][1:]), "allowed": one["msg"]} for one in error.errors()
        ]
        return ProblemError("input.invalid", more={"fields": fields})
    if isinstance(error, BodyTooLargeError):
        return ProblemError("input.too_large", {"most": error.most})
    if isinstance(error, HTTPException):
        code = _OF_HTTP.get(error.status_code, "input.unreadable")
        return ProblemError(code, headers=error.headers)
    if is_unavailable(error):
        _log.error("database unavailable", error=type(error).__name__)
        return ProblemError("unavailable", headers={"Retry-After": "5"})
    _log.error("request failed", exc_info=error)
    return ProblemError("fault")
