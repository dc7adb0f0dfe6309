"""Theorem pages: one HTML file a certificate, complete in itself, with the checker that replays its proof.

`rules.js` and `checker.js` are a checker of certificates written from the kernel's FORMAT.md; `sentence.js` says what a
claim means; `drawing.js`, `proof.js` and `page.js` show it. Nothing here is trusted: a page is made of bytes that the
kernel accepted, and checks them again where it is opened.
"""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, NamedTuple

from relumax import kernel

SCRIPTS = ("rules.js", "checker.js", "sentence.js", "drawing.js", "proof.js", "page.js")


class Page(NamedTuple):
    """The page of one certificate: its title, the sentences it proves, what the network is, and the HTML."""

    title: str
    sentences: list[str]
    facts: str
    html: str


def page(data: bytes, title: str, index: bool = False) -> Page:
    """The page of the certificate `data`; raises the kernel's rejection. `index`: whether it links to an index.html.

    >>> page(b"{}", "nothing")
    Traceback (most recent call last):
    relumax.kernel.errors.Malformed: malformed: key 'claim' is missing
    """
    theorem = kernel.check(data)
    facts = _facts(json.loads(data))
    sentences = "".join(f'<div class="statement">{escape(one)}</div>' for one in theorem.statements)
    html = Template(_file("page.html")).substitute(
        title=escape(title),
        crumbs='<a href="index.html">All theorems</a>' if index else "",
        sentences=sentences,
        facts=escape(facts),
        network_sha256=theorem.network_sha256,
        claim_sha256=theorem.claim_sha256,
        certificate=data.decode("ascii"),  # accepted: its strings are names and signs, none can end the script
        style=_file("style.css"),
        scripts="\n".join(map(_file, SCRIPTS)),
    )
    return Page(title, theorem.statements, facts, html)


def index(pages: list[tuple[str, Page]]) -> str:
    """The page that lists pages, each with the name of its file."""
    entries = [
        f'<li><a href="{escape(name)}">{escape(one.title)}</a> <span class="place">{escape(one.facts)}</span>'
        + "".join(f'<div class="text">{escape(said)}</div>' for said in one.sentences)
        + "</li>"
        for name, one in pages
    ]
    count = some(len(pages), "theorem page")
    return Template(_file("index.html")).substitute(style=_file("style.css"), count=count, entries="\n".join(entries))


def _facts(certificate: dict[str, Any]) -> str:
    """How large the network and the proof are."""
    network, lemmas = certificate["network"], certificate["lemmas"]
    units = sum(len(layer["rows"]) for layer in network["layers"])
    parts = [(network["inputs"], "input"), (len(network["layers"]), "hidden layer"), (units, "unit")]
    parts += [(len(network["output"]["rows"]), "output"), (len(lemmas), "lemma")]
    return ", ".join(some(count, word) for count, word in parts)


def some(count: int, word: str) -> str:
    """How many of a thing: 1 input, 2 inputs."""
    return f"{count:,} {word if count == 1 else word + 's'}"


def _file(name: str) -> str:
    return files("relumax.pages").joinpath(name).read_text(encoding="utf-8").strip()
