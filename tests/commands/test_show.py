"""`relumax show`: constructions, what two layers rest on, certificates."""

from __future__ import annotations

from tests.running import plain


def test_show(call, called):
    code, out = call("show", "--n", 3)
    assert code == 0 and plain(out)
    assert "program      maximum(maximum(x0, x1), x2)\n" in out
    assert "closed form  Max(x0, x1, x2)\n" in out
    assert "widths       5 3\n" in out
    assert "sizes        2 hidden layers, width 5, 8 units, " in out
    assert "theorem      for all x in R^3: y = max(x)\n" in out
    found = called("show", "--fn", "min", "--n", 2)
    assert found["closed_form"] == ["Min(x0, x1)"] and found["widths"] == [3] and found["nonzeros"] == 7
    assert found["theorem"] == ["for all x in R^2: y = min(x)"] and found["program"] == ["minimum(x0, x1)"]
    assert call("show", "--n", 1)[1].count("closed form  x0\n") == 1


def test_show_says_why_two_layers_are_enough(call, called):
    code, out = call("show", "--construction", "shallow", "--n", 5)
    assert code == 0 and plain(out)
    assert "\nfloats       float16 holds every weight exactly\n" in out
    assert "\nformula      with mij = max(xi, xj)" in out and " 4 max = m12 + m34 + 2 x5 + |m12+m34-2x5| - " in out
    assert "arXiv 2505.14338" in out and "arXiv 2607.21651" in out and "ceil(log3 n)" in out
    found = called("show", "--fn", "min", "--construction", "shallow", "--n", 6)
    assert found["float_exact"] is False and found["float_type"] is None
    assert "Orb" in found["formula"][-1] and len(found["why"]) == 5 and found["sources"] and len(found["limit"]) == 1
    found = called("show", "--construction", "bakaev", "--n", 11)
    assert found["float_type"] == "float16" and len(found["why"]) == 5 and (found["depth"], found["size"]) == (3, 115)
    found = called("show", "--construction", "shallow", "--n", 4)
    assert found["formula"] == found["why"] == [] and found["limit"]
    assert "why" not in called("show", "--n", 5)


def test_show_latex_is_the_closed_form_alone(call):
    assert call("show", "--n", 3, "--latex") == (0, "\\max\\left(x_{0}, x_{1}, x_{2}\\right)\n")


def test_show_a_certificate(call, called, tmp_path):
    proof = tmp_path / "c.json"
    for engine in ("modular", "flat"):
        call("prove", "--n", 4, "-o", proof, "--engine", engine)
        code, out = call("show", proof)
        assert code == 0 and plain(out)
        for text in ("theorem  for all x in R^4: y = max(x)\n", "lemma 0", "proof of statement 0", "is false"):
            assert text in out
        assert called("show", proof)["lines"] == out.splitlines()
