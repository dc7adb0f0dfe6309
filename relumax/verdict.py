"""What a proof or its lack is told as: the word, the theorem, the certificate or the witness; and how that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.errors import BudgetExceeded
from relumax.words import PROVED

if TYPE_CHECKING:
    from relumax.engines.witness import Witness
    from relumax.kernel import Theorem
    from relumax.kernel.link import Linked
    from relumax.language.spec import Spec
    from relumax.network.layers import Network
    from relumax.pictures.style import Picture


class Verdict(NamedTuple):
    """What `prove` found. `certificate` holds the bytes that the kernel accepted: only then is it `proved`.

    `reason` says in a sentence why there is no certificate, or what is wrong with a gadget or an invariant, although
    the theorem may be proved; `notes` are what engines said that had no answer, and what is so wrong. `built` is the
    network, None where the time was over before there was one; `spec` what was to be proved. A verdict is true where
    it is `proved`, so that `assert relumax.prove(...)` asks for that.
    """

    verdict: str
    theorem: tuple[str, ...]
    engine: str
    seconds: float
    built: Network | None
    certificate: bytes | None = None
    accepted: Theorem | Linked | None = None
    z3: str = ""
    witness: Witness | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
    spec: Spec | None = None

    @property
    def proved(self) -> bool:
        """Whether the kernel accepted a certificate; what is not proved is refuted, unknown or uncertified."""
        return self.verdict == PROVED

    def __bool__(self) -> bool:
        return self.proved

    @property
    def network(self) -> Network:
        """The network the verdict is about; raises BudgetExceeded where the time was over before it was built."""
        if self.built is None:
            raise BudgetExceeded(f"there is no network: {self.reason}")
        return self.built

    def __repr__(self) -> str:
        said = self.reason if self.reason and self.certificate is None else "; ".join(self.theorem)
        return f"<{self.verdict}: {said if len(said) <= 200 else said[:200] + ' ...'}>"

    def _repr_html_(self) -> str:
        from relumax.pictures.notebook import verdict_html

        return verdict_html(self)

    def draw(self, what: str = "", **options: Any) -> Picture:
        """The verdict as a picture (extra `pictures`): `relumax.pictures.verdicts.draw_verdict`."""
        from relumax.pictures.verdicts import draw_verdict

        return draw_verdict(self, what, **options)
