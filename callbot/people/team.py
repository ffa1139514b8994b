"""The people who answer for the persons: who is meant by an escalation step."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do, and at which step they are paged."""

    CASEWORKER = "caseworker"
    LEAD = "lead"
    DUTY = "duty"  # 당직실
    SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Worker:
    """One member of the team."""

    id: int
    role: Role
    active: bool = True


CLIMB = (Role.CASEWORKER, Role.LEAD, Role.DUTY, Role.SUPERVISOR)


def meant(role: Role, assigned: int | None, team: Iterable[Worker]) -> tuple[int, ...]:
    """Ids of the workers to page for a step.

    `caseworker` is the person's own, or every caseworker where none is assigned. Where nobody active has the role, the
    next higher one that has somebody is meant. Empty: nobody at all, which the watch shouts about.
    """
    active = [worker for worker in team if worker.active]
    if role is Role.CASEWORKER:
        own = tuple(worker.id for worker in active if worker.id == assigned)
        if own:
            return own
    for higher in CLIMB[CLIMB.index(role) :]:
        found = tuple(worker.id for worker in active if worker.role is higher)
        if found:
            return found
    return ()
