# Dataclasses, enums, protocols, pattern matching.
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Protocol


class State(Enum):
    QUEUED = "queued"
    DONE = "done"


@dataclass(frozen=True, order=True)
class Task:
    name: str
    state: State = State.QUEUED
    tags: list[str] = field(default_factory=list, compare=False)


class Named(Protocol):
    name: str


def describe(task: Named) -> str:
    match task:
        case Task(name=name, state=State.DONE):
            return f"{name} is done"
        case Task(tags=[first, *_]):
            return f"{task.name} starts with {first}"
        case _:
            return "other"


one = Task("web", tags=["a", "b"])
print(one, describe(one), describe(replace(one, state=State.DONE)))
print(asdict(one), sorted([Task("z"), Task("b")])[0].name)
try:
    one.name = "x"
except AttributeError as error:
    print(type(error).__name__)
