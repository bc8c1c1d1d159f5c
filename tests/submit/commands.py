"""The command as the tests give it, and Kaggle's files as they write them."""

import numpy as np

from handwriting.submit import __main__ as submit

TEST_IMAGES = 40


def save_csv(path, names, table):
    np.savetxt(path, table, "%d", ",", header=",".join(names), comments="")
    return path


def submitted(kaggle, out, *more, train="train.csv", test="test.csv"):
    return submit.main(
        ["--train", str(kaggle / train), "--test", str(kaggle / test), "--out", str(out), *more]
    )


def refused(capsys, train, test, out) -> str:
    """The line that two files are refused with."""
    assert submit.main(["--train", str(train), "--test", str(test), "--out", str(out)]) == 2
    line = capsys.readouterr().err
    assert line.startswith("python -m handwriting.submit: ")
    assert line.count("\n") == 1
    return line
