"""From tokens to the parts of a sentence; what the parts mean is said in `meaning`.

theorem    = sentence {sentence}
sentence   = ("for all" head ":" body | body "for all" head) ["," "where" where] ["."]
head       = space {("and" | ",") space} ["and every index" index {"," index}] ["such that" condition]
body       = condition {(";" | ", and") condition}
where      = definition {("," | ", and" | "and") definition}
condition  = one {"and" one} | one {"or" one}, and perhaps after it
             "for each i" ["<" n] ["before" w | "after" w | "other than" w]
one        = sum {("=" | "!=" | "<" | "<=" | ">" | ">=") sum} | winner
sum        = ["-"] product {("+" | "-") product}
product    = factor {("*" | "/") factor}
factor     = number [value] | value | "-" factor
value      = name ["[" (number | "i" | index) "]"] | function "(" sum {"," sum} ")" ["[" ... "]"]
           | "(" condition {"," sum} ")" | "|" sum "|"
"""

from __future__ import annotations

from typing import Any

from relumax.language.theorem.nodes import Definition, Node, Sentence, Space, Won
from relumax.language.theorem.sums import Reader

RELATIONS = ("=", "!=", "<", "<=", ">", ">=")


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text; raises TheoremError."""
    reader = _Reader(text)
    if reader.next.kind == "end":
        reader.fail('there is no theorem here: "for all x in R^8: y = max(x)" is one')
    found = [reader.sentence()]
    while reader.next.kind != "end":
        found.append(reader.sentence())
    return found


class _Reader(Reader):
    """Sentences, and the conditions in them."""

    def sentence(self) -> Sentence:
        at = self.next.at
        if self.next.text.lower() == "forall":
            self.fail('for all is two words: "for all x in R^8: y = max(x)"')
        first = self.for_all()
        if first:
            head = self.head()
            if not self.taken(":"):
                self.fail("and, or a colon before what is stated, is expected here")
            body = self.body()
        else:
            body = self.body()
            if not self.for_all():
                self.fail('a theorem says of which inputs it speaks: "for all x in R^8: y = max(x)"')
            head = self.head()
        outputs: list[Space] = []
        where = self.where(outputs) if self.taken(",", "where") or self.taken("where") else []
        stopped = self.taken(".")
        if self.next.kind != "end" and not self.at_next():
            before = "another theorem, for all ..., or nothing" if stopped else "and, or, a semicolon or the end"
            self.fail(f"{before} is expected here")
        return Sentence(at, head[0], outputs, head[1], head[2], body, where)

    def at_next(self) -> bool:
        """Whether another sentence begins here."""
        return self.ahead("for", "all") or self.ahead("For", "all")

    def for_all(self) -> bool:
        return self.taken("for", "all") or self.taken("For", "all")

    def head(self) -> tuple[list[Space], list[tuple[str, int, int]], Node | None]:
        spaces = [self.space()]
        indices: list[tuple[str, int, int]] = []
        while self.ahead("and") or self.ahead(","):
            if self.ahead(",", "where"):
                break
            self.taken(",", "and") or self.taken(",") or self.taken("and")
            if self.taken("every", "index"):
                indices.append(self.index())
                while not self.ahead(",", "where") and self.taken(","):
                    indices.append(self.index())
                break
            spaces.append(self.space())
        return spaces, indices, self.condition() if self.taken("such", "that") else None

    def index(self) -> tuple[str, int, int]:
        name = self.name("the name of an index")
        self.expect("<")
        return name.text, self.size("how many values the index has"), name.at

    def size(self, what: str) -> int:
        found = self.whole(what)
        if found == 0:
            self.fail(f"{what}: at least 1", self.tokens[self.place - 1].at)
        return found

    def space(self) -> Space:
        name = self.name("the name of an array of inputs")
        if not self.taken("in"):
            colon = "" if self.ahead(":") else "a colon before what is said of them, or "
            named = f"{name.text:.20}"
            self.fail(f"{colon}how many inputs {named} has, as in for all {named} in R^8, is expected here")
        box = None
        if self.taken("["):
            low = self.sum()
            self.expect(",")
            box = low, self.sum()
            self.expect("]")
        elif not self.taken("R"):
            self.fail("R^n, or a box such as [-1, 1]^n, is expected here")
        length = self.size("the number of elements") if self.taken("^") else 1
        places = None
        if self.taken("("):
            first, step, _ = self.places("input", length)
            places = first, step
            self.expect(")")
        return Space(name.text, name.at, length, places, box)

    def places(self, word: str, length: int | None) -> tuple[int, int, int]:
        """`input 3`, `inputs 2 to 5`, `inputs 1 to 7 by 2`, as (first, step, how many), as many as the length says."""
        at = self.next.at
        if self.taken(word):
            first = last = self.whole(f"the number of the {word}")
            step = 1
        else:
            self.expect(f"{word}s")
            first = self.whole(f"the number of the first {word}")
            self.expect("to")
            last = self.whole(f"the number of the last {word}")
            step = self.size("the step") if self.taken("by") else 1
        count = (last - first) // step + 1
        if last < first or (last - first) % step or length not in (None, count):
            step_ = f" by {step}" if step > 1 else ""
            self.fail(
                f"{first} to {last}{step_} are not {f'{length} {word}s' if length else f'{word}s in such steps'}", at
            )
        return first, step, count

    def body(self) -> list[Node]:
        found = [self.condition()]
        while self.taken(";") or self.taken(",", "and"):
            found.append(self.condition())
        return found

    # ---- where

    def where(self, outputs: list[Space]) -> list[Definition]:
        found: list[Definition] = []
        while True:
            if not self.taken("step", "(", "0", ")", "=", "1"):
                self.defined(found, outputs)
            if not (self.taken(",", "and") or self.taken(",") or self.taken("and")):
                return found

    def defined(self, found: list[Definition], outputs: list[Space]) -> None:
        """One definition, of a value or of which outputs an array is."""
        name = self.name("a definition")
        if self.taken("is", "the", "output"):
            outputs.append(Space(name.text, name.at, 1))
        elif self.taken("is"):
            first, step, count = self.places("output", None)
            outputs.append(Space(name.text, name.at, count, (first, step)))
        elif self.taken("in"):
            self.expect("R", "^")
            length = self.size("the number of elements")
            self.expect("is", "the", "output")
            outputs.append(Space(name.text, name.at, length))
        else:
            each = self.taken("[", "i", "]")
            self.expect("=")
            meaning, n = self.sum(), None
            if each:
                self.expect("for", "each", "i")
                n = self.size("how many i there are") if self.taken("<") else None
            found.append(Definition(name.text, name.at, meaning, each, n))

    # ---- conditions

    def condition(self) -> Node:
        at, word = self.next.at, ""
        parts, closed = [self.one()], False
        while True:
            if self.ahead("for", "each"):
                parts, closed = [self.each(at, word, parts)], True
            elif self.next.text in ("and", "or") and self.next.kind == "name":
                if word not in ("", self.next.text):
                    self.fail("and beside or: put brackets around what belongs together")
                word = "and" if closed else self.next.text
                if closed and self.next.text == "or":
                    self.fail("or after a `for each`: put brackets around what belongs together")
                self.place += 1
                parts.append(self.one())
            else:
                return parts[0] if len(parts) == 1 else Node(word, at, tuple(parts))

    def each(self, at: int, word: str, parts: list[Node]) -> Node:
        """`for each i < n other than w`, of what stands before it."""
        place = self.next.at
        self.expect("for", "each")
        if self.name("i").text != "i":
            self.fail("the i of `for each i` is always called i", self.tokens[self.place - 1].at)
        n = self.size("how many i there are") if self.taken("<") else None
        guard = next((one for one in ("before", "after") if self.taken(one)), "")
        guard = guard or ("except" if self.taken("other", "than") else "")
        w = self.name("an index").text if guard else ""
        inner = [one for one in parts if one.kind not in ("winner", "each")]
        if guard and len(parts) > 1:
            self.fail("a `for each` with a guard stands after one condition, or after brackets", place)
        if not inner or (word == "or" and len(inner) < len(parts)):
            self.fail("this `for each` has no condition of its own", place)
        said = inner[0] if len(inner) == 1 else Node(word, at, tuple(inner))
        quantified = Node("each", at, (said,), (n, guard, w))
        if len(inner) == len(parts):
            return quantified
        return Node("and", at, (*[one for one in parts if one.kind in ("winner", "each")], quantified))

    def one(self) -> Node:
        """A comparison, a chain of them, or a winner."""
        at = self.next.at
        if self.ahead("all"):
            return self.on_lattice()
        first = self.sum()
        if self.ahead("is"):
            return self.winner(first, None)
        parts = [first]
        relations: list[str] = []
        while self.next.text in RELATIONS:
            relation = self.next
            self.place += 1
            if (any("<" in one for one in relations) and ">" in relation.text) or (
                any(">" in one for one in relations) and "<" in relation.text
            ):
                self.fail("a chain of comparisons goes one way", relation.at)
            relations.append(relation.text)
            parts.append(self.sum())
        return first if not relations else Node("compare", at, tuple(parts), tuple(relations))

    # ---- winners

    def on_lattice(self) -> Node:
        self.expect("all")
        of = self.name("an array")
        self.expect("[", "i", "]", "are", "integer", "multiples", "of")
        lattice = self.ratio()
        self.expect("and")
        at, winner = self.next.at, self.sum()
        if winner.kind != "name" or winner.data[0] != of.text:
            self.fail(f"{of.text}[w] is the winner of {of.text}, and nothing else, follows here", at)
        return self.winner(winner, lattice)

    def winner(self, winner: Node, lattice: list[int] | None) -> Node:
        if winner.kind != "name" or type(winner.data[1]) is not str or winner.data[1] == "i":
            self.fail("only an element at an index is a winner: x[w] is the winner of x", winner.at)
        of, index = winner.data
        self.expect("is", "the", "winner", "of")
        if self.name("an array").text != of:
            self.fail(f"{of}[{index}] is the winner of {of}", self.tokens[self.place - 1].at)
        before, after = [["<"], ["<="]]
        if self.taken("("):
            if self.taken("the", "last", "of", "the", "largest"):
                before, after = [["<="], ["<"]]
            elif not self.taken("the", "first", "of", "the", "largest"):
                before, after = self.compared()
            self.expect(")")
        if lattice is not None and any(one[0] in ("gap", "tie") for one in (before, after)):
            self.fail("a winner on a lattice has no other gap", winner.at)
        return Node("winner", winner.at, (), Won(of, index, before, after, lattice))

    def compared(self) -> list[list[Any]]:
        """How the others compare with the winner."""
        self.expect("every")
        if self.taken("other"):
            return [self.level()] * 2
        self.expect("earlier", "one")
        before = self.level()
        self.expect(",", "every", "later", "one")
        return [before, self.level()]

    def level(self) -> list[Any]:
        if self.taken("below", "it"):
            return ["<"]
        if self.taken("at", "most", "equal", "to", "it"):
            return ["<="]
        word = "tie" if self.taken("equal", "to", "it", "or") else "gap"
        self.expect("at", "least")
        found = [word, *self.ratio()]
        self.expect("below", "it")
        return found

    def ratio(self) -> list[int]:
        """A positive number p/q, as it is written."""
        at, found = self.next.at, []
        for _ in range(2 if self.ahead(self.next.text, "/") else 1):
            if self.next.kind != "number" or self.next.value <= 0:
                self.fail("a positive number is expected here")
            found.append(self.next.value)
            self.place += 1
            self.taken("/")
        p, q = found if len(found) == 2 else (found[0].numerator, found[0].denominator)
        if p != int(p) or q != int(q):
            self.fail("a fraction is of whole numbers", at)
        return [int(p), int(q)]
