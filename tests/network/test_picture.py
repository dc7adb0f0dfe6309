"""The picture of a network."""

import xml.etree.ElementTree as ET

from relumax.constructions import registry
from relumax.network.compile import compile
from relumax.network.picture import diagram


def network(function, name, n):
    found = registry.find(function, name)
    return compile(found.program(n, **found.options), n)


def test_one_line_for_each_weight_and_one_circle_for_each_value():
    for function, name, n in (
        ("max", "tournament", 4),
        ("max", "chain", 3),
        ("argmax", "step", 3),
        ("max", "essay", 1),
    ):
        net = network(function, name, n)
        picture = ET.fromstring(diagram(net))
        tags = [one.tag.rpartition("}")[2] for one in picture]
        assert tags.count("path") == net.nonzeros
        assert tags.count("circle") == net.inputs + net.size + net.outputs


def test_steps_and_outputs_are_named():
    words = [one.text for one in ET.fromstring(diagram(network("argmax", "step", 2))).iter() if one.text]
    assert {"x0", "x1", "step", "y0", "y1", "y2", "hidden layer 1", "output"} <= set(words)


def test_a_notebook_shows_small_networks():
    assert network("max", "tournament", 2)._repr_svg_().startswith("<svg ")
    assert network("max", "chain", 64)._repr_svg_() is None
