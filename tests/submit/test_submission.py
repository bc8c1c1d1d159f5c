"""The file that is handed in: its form, and how damage is found."""

import numpy as np
import pytest

from handwriting.submit import __main__ as submit
from handwriting.submit import submission
from tests.submit.commands import submitted


def test_the_form_of_a_submission(tmp_path):
    submission.write_submission(tmp_path / "submission.csv", np.array([7, 0, 9]))
    assert (tmp_path / "submission.csv").read_bytes() == b"ImageId,Label\n1,7\n2,0\n3,9\n"
    submission.check_submission(tmp_path / "submission.csv", 3)


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "expected the columns ImageId,Label, got an empty file"),
        ("ImageId,Digit\n1,7\n2,0\n", "expected the columns ImageId,Label, got ImageId,Digit"),
        ("ImageId,Label\n1,7\n", "expected 2 rows, one for each image, got 1"),
        ("ImageId,Label\n1,7\n2,0\n3,1\n", "expected 2 rows, one for each image, got 3"),
        ("ImageId,Label\n2,0\n1,7\n", "expected the image 1 and its digit in row 1, got 2,0"),
        ("ImageId,Label\n1,7\n2\n", "expected the image 2 and its digit in row 2, got 2"),
        ("ImageId,Label\n1,7\n2,10\n", "expected a digit from 0 to 9 in row 2, got 10"),
        ("ImageId,Label\n1,7\n2,\n", "expected a digit from 0 to 9 in row 2, got "),
        ("\x80", "expected a CSV file, got another file"),
    ],
)
def test_a_damaged_submission_is_found(content, message, tmp_path):
    (tmp_path / "submission.csv").write_bytes(content.encode("latin-1"))
    with pytest.raises(submission.DamagedSubmission) as error:
        submission.check_submission(tmp_path / "submission.csv", 2)
    assert message in str(error.value)
    assert error.value.code == 1


def test_what_was_written_is_checked(kaggle, tmp_path, capsys, monkeypatch):
    """The last row is lost on the way to the disk."""
    write_text = submission.safe_files.write_text
    monkeypatch.setattr(submit, "train", lambda command: None)
    monkeypatch.setattr(submit, "answers_of", lambda run, validation, images: (None, [7] * len(images)))
    monkeypatch.setattr(
        submission.safe_files, "write_text", lambda path, text: write_text(path, text.removesuffix("40,7\n"))
    )
    assert submitted(kaggle, tmp_path / "submission.csv") == 1
    said = capsys.readouterr()
    assert "expected 40 rows, one for each image, got 39" in said.err
    assert "read back and checked" not in said.out
