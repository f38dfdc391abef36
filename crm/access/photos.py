"""Who may bring a photo, and who may see one."""

from typing import Literal

from gridhall.crm.access.policies import NOT_YOURS, SIGN_IN
from gridhall.crm.agents.policies import may_confirm_read, may_go_rounds, may_inspect, may_use_desk
from gridhall.kit.blobs import Attachment, Blob
from gridhall.kit.subject import Refusal, Subject, SubjectKind
from gridhall.metering.irregular.cases.model import CASE


def may_bring_photo(subject: Subject) -> Literal[True] | Refusal:
    """Every signed-in customer and every agent may bring one; it becomes visible to others when it is attached."""
    agent = may_use_desk(subject) is True or may_go_rounds(subject) is True
    if subject.kind is SubjectKind.CUSTOMER or agent:
        return True
    return SIGN_IN


def may_see_photo(subject: Subject, photo: Blob) -> Literal[True] | Refusal:
    """Whoever brought it sees it, and whoever may see, where it lies, the object that it is attached to.

    Of a meter that was read those are readers and agents of its district, of a case of irregular use its inspectors.
    """
    if subject.id is not None and subject.id == photo.by:
        return True
    return True if any(_may_see(subject, one) for one in photo.attached) else NOT_YOURS


def _may_see(subject: Subject, one: Attachment) -> bool:
    policy = may_inspect if one.kind == CASE else may_confirm_read
    return policy(subject, region=one.region, org_path=one.org_path) is True
