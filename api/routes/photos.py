"""Photos: of a meter that was read, or of what was found on site."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from gridhall.api.problems import ProblemError
from gridhall.api.state import agent_of, customer_of, state_of
from gridhall.crm.access.photos import may_bring_photo, may_see_photo
from gridhall.kit.blobs import NotAPhotoError, TooManyBlobsError
from gridhall.kit.subject import STRANGER, Refusal, Subject, SubjectKind

router = APIRouter(prefix="/v1/photos", tags=["photos"])


class Brought(BaseModel):
    """The photo is kept: the id to attach it by."""

    id: UUID
    type: str
    size: int


@router.post("", status_code=201)
async def bring(request: Request) -> Brought:
    """Keep a photo, sent as the body itself. The same one again from the same person answers the same id."""
    state = state_of(request)
    subject = await _asking(request)
    if subject.id is None or isinstance(may_bring_photo(subject), Refusal):
        raise ProblemError("access.sign_in_first", headers={"WWW-Authenticate": "Bearer"})
    settings, of_customer = state.settings, subject.kind is SubjectKind.CUSTOMER
    most = settings.photos_loose_of_customer if of_customer else settings.photos_loose_of_agent
    content = await _read(request, most=settings.photo_max_bytes)
    try:
        blob = await state.hall.blobs.put(content, by=subject.id, now=state.clock.now(), most=most)
    except NotAPhotoError:
        raise ProblemError("photos.not_a_photo") from None
    except TooManyBlobsError:
        raise ProblemError("photos.too_many", {"most": most}) from None
    return Brought(id=blob.id, type=blob.type, size=blob.size)


@router.get("/{photo_id}", response_class=Response)
async def show(request: Request, photo_id: UUID) -> Response:
    """Return a photo; one that is not the caller's to see looks like one that is not there."""
    blobs = state_of(request).hall.blobs
    subject = await _asking(request)
    if subject.id is None:
        raise ProblemError("access.sign_in_first", headers={"WWW-Authenticate": "Bearer"})
    blob = (await blobs.load([photo_id])).get(photo_id)
    content = await blobs.content(photo_id) if blob and may_see_photo(subject, blob) is True else None
    if blob is None or content is None:
        raise ProblemError("not_found")
    return Response(
        content,
        media_type=blob.type,
        headers={
            "Cache-Control": "private, no-store",  # who may see it is asked anew every time
            "Content-Disposition": f'inline; filename="{photo_id}.{blob.type.partition("/")[2]}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _asking(request: Request) -> Subject:
    asking = await customer_of(request) or await agent_of(request)
    return asking.as_subject() if asking else STRANGER


async def _read(request: Request, *, most: int) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most:
            raise ProblemError("input.too_large", {"most": most})
    return bytes(content)
