"""Who may bring a photo, and who may see one."""

from typing import Literal

from gridhall.crm.access.policies import NOT_YOURS, SIGN_IN
from gridhall.crm.agents.policies import may_go_rounds, may_serve, may_use_desk
from gridhall.kit.blobs import Blob
from gridhall.kit.subject import Refusal, Subject, SubjectKind


def may_bring_photo(subject: Subject) -> Literal[True] | Refusal:
    """Every signed-in customer and every agent may bring one; it becomes visible to others when it is attached."""
    agent = may_use_desk(subject) is True or may_go_rounds(subject) is True
    if subject.kind is SubjectKind.CUSTOMER or agent:
        return True
    return SIGN_IN


def may_see_photo(subject: Subject, photo: Blob) -> Literal[True] | Refusal:
    """Whoever brought it sees it, and agents in whose district the object lies that it is attached to."""
    if subject.id is not None and subject.id == photo.by:
        return True
    seen = any(may_serve(subject, region=one.region, org_path=one.org_path) is True for one in photo.attached)
    return True if seen else NOT_YOURS
