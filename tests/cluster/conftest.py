"""The pictures that the tests of reading read."""

from tests.reading.conftest import pictures

__all__ = ["pictures"]
