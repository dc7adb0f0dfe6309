"""Every test here needs the library built."""

import pytest

from tests.coq.built import build


@pytest.fixture(scope="session")
def library():
    """The library and the checker, built."""
    build()
