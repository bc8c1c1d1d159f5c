"""The benchmark of learning a hand."""

import numpy as np

from benchmarks.learning import Learned, WrittenHand, print_tables


def test_a_written_hand_keeps_to_its_forms():
    hand, again = WrittenHand(3), WrittenHand(3)
    digits = hand.write_each(2)
    assert digits.images.shape == (20, 28, 28, 1)
    np.testing.assert_array_equal(digits.images, again.write_each(2).images)
    assert hand.forms != WrittenHand(4).forms


def test_the_tables_have_a_row_for_each_learning_and_the_medians(capsys):
    hands = [Learned(f"hand {n}", 10, n, 8, n, 500, 0.01, 20 + n) for n in (2, 4, 9)]
    print_tables(hands, [], [Learned("flagged 1s", 50, 5, 40, 4, 900, 0.02, 20)])
    said = capsys.readouterr().out
    assert "written hands (n 3)            0.40       +0.010       24" in said
    assert "one confusion (n 1)            0.10       +0.020       20" in said
