"""The parts of a sentence, as `grammar` reads them and `meaning` understands them."""

from __future__ import annotations

from typing import Any, NamedTuple


class Node(NamedTuple):
    """A part of the sentence that begins at `at`; parts and data by kind:

    ========  ==============================  ==========================================
    kind      parts                           data
    ========  ==============================  ==========================================
    number    ()                              its value
    name      ()                              (name, what stands in brackets or None)
    call      arguments                       (function, what stands in brackets or None)
    sum       terms                           a sign, 1 or -1, for each
    product   factors                         "*" or "/" for each but the first
    abs       what is between the bars        None
    round     what is in the brackets         None
    list      several in brackets             None
    compare   what is compared                the relations between them
    and, or   conditions                      None
    each      a condition                     (n or None, the guard's word or "", its index)
    winner    ()                              a `Won`
    ========  ==============================  ==========================================
    """

    kind: str
    at: int
    parts: tuple[Node, ...] = ()
    data: Any = None


class Won(NamedTuple):
    """`of[at]` is the winner of `of`: how those before it and those after it compare, as the kernel writes it."""

    of: str
    at: str
    before: list[Any]
    after: list[Any]
    lattice: list[int] | None


class Space(NamedTuple):
    """An input or output array: how long it is (None: not said), which elements of the network, and in which box."""

    name: str
    at: int
    length: int | None
    places: tuple[int, int] | None = None
    box: tuple[Node, Node] | None = None


class Definition(NamedTuple):
    """`name = meaning`, or `name[i] = meaning for each i < n` (n perhaps not said)."""

    name: str
    at: int
    meaning: Node
    each: bool = False
    n: int | None = None


class Sentence(NamedTuple):
    """One theorem of the text, from `at` on."""

    at: int
    inputs: list[Space]
    outputs: list[Space]
    indices: list[tuple[str, int, int]]
    promises: Node | None
    body: list[Node]
    where: list[Definition]
