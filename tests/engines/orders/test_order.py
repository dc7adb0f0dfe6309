"""Orders: what follows from what is known, signs, and trees of orders."""

from fractions import Fraction

from relumax.engines.lemmas import Lemmas
from relumax.engines.orders.formula import clause
from relumax.engines.orders.order import Order, Orders
from relumax.engines.script import Block, Fact


def test_signs_are_read_off_the_order():
    order = Order({}, {})
    order.learn(0, 1, Fact((1, 0, ((0, 1), (1, -1)))))
    order.learn(1, 2, Fact((1, 0, ((1, 1), (2, -1)))))
    order.learn(1, 3, Fact((1, 0, ((1, 1), (3, -1)))))

    def known(**form):
        return order.nonnegative({int(v[1:]): Fraction(c) for v, c in form.items()}) is not None

    assert known(x2=1, x0=-1)
    assert known(x2=1, x3=1, x0=-1, x1=-1)
    assert known(x1=1, x2=1, x0=-2)
    assert not known(x2=1, x3=-1)
    assert not known(x2=2, x3=-1, x0=-1)
    assert not known(x2=1)


def test_a_bound_replaces_decided_maxima():
    order = Order({}, {})
    less, is_x1 = Fact((1, 0, ((0, 1), (1, -1)))), Fact((0, 0, ((1, 1), (2, -1))))
    order.learn(0, 1, less)
    assert order.bound(((0, 1),), ((2, 1),)) is None
    order.decided[2] = 1, is_x1
    assert order.bound(((0, 1),), ((2, 1),)) == [(less, 1), (is_x1, 1)]
    assert order.bound(((2, 1),), ((1, 1),)) == [(is_x1, -1)]
    finer = order.refined()
    finer.learn(1, 3, less)
    assert (0, 3) in finer.below and (0, 3) not in order.below


def test_a_tree_has_a_branch_for_each_order():
    """Three numbers: four splits lead to six orders, one of them decided by those before."""
    pairs = {3: (0, 1), 4: (0, 2), 5: (1, 2)}
    tree = Orders(pairs, [Fact(clause(i, j, m), k) for k, (m, (i, j)) in enumerate(pairs.items())], Lemmas())

    def orders(block, order):
        tree.bounds(block, order)
        if len(order.decided) == 3:
            return [sorted(range(3), key=lambda v: sum((u, v) in order.below for u in range(3)))]
        return [one for inner in tree.branches(block, order, []) for one in orders(*inner)]

    found = orders(Block([]), tree.order)
    assert sorted(found) == [[a, b, 3 - a - b] for a in range(3) for b in range(3) if a != b]
