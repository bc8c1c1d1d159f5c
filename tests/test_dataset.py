import gzip
import http.server
import io
import threading
import time
import zipfile

import keras
import numpy as np
import pytest
from conftest import draw_strokes

from handwriting import console
from handwriting.data import formats, mnist
from handwriting.data.load import load
from handwriting.data.mnist import download_mnist
from handwriting.data.sets import fixed_order
from handwriting.training import batches as batches_module
from handwriting.training.batches import NON_DIGITS, WRITTEN, Batches, company
from handwriting.training.variation import SHIFT, sampled, varied, with_other_pens


def save_idx(path, array, opener=open):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    with opener(path, "wb") as file:
        file.write(header + array.astype(np.uint8).tobytes())


@pytest.fixture
def sets(digits):
    pixels, labels = digits
    return pixels[:600], labels[:600], pixels[600:], labels[600:]


def images_of(data):
    return np.concatenate([data.validation.images, data.training.images])


def test_npz_is_split_into_three_sets(digits_file):
    data = load(str(digits_file))
    assert (len(data.training), len(data.validation), len(data.test)) == (540, 60, 200)
    for labelled in (data.training, data.validation, data.test):
        assert labelled.images.shape[1:] == (28, 28, 1)
        assert labelled.images.dtype == np.float32
        assert labelled.images.min() == 0
        assert labelled.images.max() == 1


def test_split_is_always_the_same_and_limit_takes_its_beginning(digits_file):
    order = fixed_order(600)
    whole, again = load(str(digits_file)), load(str(digits_file))
    np.testing.assert_array_equal(whole.validation.images, again.validation.images)
    limited = load(str(digits_file), limit=100)
    assert (len(limited.training), len(limited.validation), len(limited.test)) == (90, 10, 200)
    pixels = np.load(digits_file)["x_train"][order[:100]]
    np.testing.assert_array_equal((images_of(limited)[..., 0] * 255).round(), pixels)


@pytest.mark.parametrize("gzipped", [False, True])
def test_idx_folder(tmp_path, sets, gzipped):
    names = [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ]
    for name, array in zip(names, sets, strict=True):
        if gzipped:
            save_idx(tmp_path / f"{name}.gz", array, gzip.open)
        else:
            save_idx(tmp_path / name, array)
    data = load(str(tmp_path))
    assert (len(data.training), len(data.validation), len(data.test)) == (540, 60, 200)
    np.testing.assert_array_equal(data.test.labels, sets[3])


def test_kaggle_csv_without_test_images_gives_a_tenth_for_the_test(tmp_path, sets):
    pixels, labels = sets[:2]
    header = ",".join(["label", *(f"pixel{number}" for number in range(784))])
    rows = np.column_stack([labels, pixels.reshape(len(pixels), -1)])
    np.savetxt(tmp_path / "train.csv", rows, "%d", ",", header=header, comments="")
    data = load(str(tmp_path / "train.csv"))
    assert (len(data.training), len(data.validation), len(data.test)) == (486, 54, 60)


def test_folder_of_labelled_pictures(tmp_path, capsys):
    for number in range(15):
        draw_strokes("7", width=8 + number).save(tmp_path / f"7-{number}.png")
        (tmp_path / "1").mkdir(exist_ok=True)
        draw_strokes("1", width=8 + number).save(tmp_path / "1" / f"scan{number}.png")
    draw_strokes("0").save(tmp_path / "unlabelled.png")
    data = load(str(tmp_path))
    assert len(data.training) + len(data.validation) + len(data.test) == 30
    assert set(np.unique(data.training.labels)) == {1, 7}
    assert "left out 1 of 31 pictures" in capsys.readouterr().out


def damaged(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (
            {"x_train": np.zeros((50, 32, 32)), "y_train": np.zeros(50, int)},
            "expected images of shape (n, 28, 28)",
        ),
        ({"x_train": np.zeros((50, 28, 28)), "y_train": np.zeros(49, int)}, "one label for each"),
        ({"x_train": np.zeros((50, 28, 28)), "y_train": np.full(50, 10)}, "labels from 0 to 9"),
        ({"x_train": np.full((50, 28, 28), -1.0), "y_train": np.zeros(50, int)}, "pixels from 0 to 255"),
        ({"x_train": np.full((50, 28, 28), np.nan), "y_train": np.zeros(50, int)}, "pixels from 0 to 255"),
        (
            {"x_train": np.linspace(0, 1.001, 39200).reshape(50, 28, 28), "y_train": np.zeros(50, int)},
            "0 to 1, came float64 from 0.0 to 1.001",
        ),
        ({"x_train": np.zeros((50, 28, 28), "M8[s]"), "y_train": np.zeros(50, int)}, "came datetime64[s]"),
        ({"x_train": np.zeros((50, 28, 28)), "y_train": np.ones(50)}, "came float64 from 1.0 to 1.0"),
        ({"x_train": np.full((50, 28, 28), 200), "y_train": np.zeros(50, int)}, "invert them"),
        ({"x_train": np.zeros((5, 28, 28)), "y_train": np.zeros(5, int)}, "at least 20 training images"),
        ({"images": np.zeros((50, 28, 28))}, "arrays x_train and y_train, came images"),
    ],
)
def test_wrong_arrays_are_told(tmp_path, arrays, said):
    with pytest.raises(console.InputError) as error:
        load(str(damaged(tmp_path / "wrong.npz", **arrays)))
    assert said in str(error.value)


def test_missing_damaged_and_foreign_files_are_told(tmp_path, digits_file):
    whole = digits_file.read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "test.csv").write_text("label,pixel0\n3,0\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "header").mkdir()
    (tmp_path / "header" / "train-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3, 0, 0]))
    (tmp_path / "rowless.csv").write_text(",".join(["label", *(f"pixel{n}" for n in range(784))]) + "\n")
    (tmp_path / "quoted.csv").write_text('"label","pixel0"\n3,0\n')
    with zipfile.ZipFile(tmp_path / "texts.npz", "w") as archive:
        archive.writestr("x_train", "no array")
    for name, said in [
        ("header", "is damaged"),
        ("rowless.csv", "over 0 rows"),
        ("quoted.csv", "expected rows of 785 columns"),
        ("texts.npz", "arrays x_train and y_train"),
        ("x" * 300, "can't be read"),
        ("missing.npz", "does not exist"),
        ("cut.npz", "damaged"),
        ("notes.txt", "none of the files"),
        ("test.csv", "expected rows of 785 columns"),
        ("empty", "expected pictures labelled"),
    ]:
        with pytest.raises(console.InputError) as error:
            load(str(tmp_path / name))
        assert said in str(error.value)


def test_test_images_of_an_idx_folder_are_found_by_any_usual_name(tmp_path, sets):
    for name, array in zip(("train-images", "train-labels", "test-images", "test-labels"), sets, strict=True):
        save_idx(tmp_path / f"emnist-digits-{name}-ubyte", array)
    assert len(load(str(tmp_path)).test) == 200


def test_emnists_images_are_stood_upright(tmp_path, sets, capsys):
    pixels, labels, *_ = sets
    (tmp_path / "mnist").mkdir()
    (tmp_path / "emnist").mkdir()
    for folder, images in (("mnist", pixels), ("emnist", pixels.transpose(0, 2, 1))):
        save_idx(tmp_path / folder / f"{folder}-digits-train-images-idx3-ubyte", images)
        save_idx(tmp_path / folder / f"{folder}-digits-train-labels-idx1-ubyte", labels)
    upright, turned = (load(str(tmp_path / folder)) for folder in ("mnist", "emnist"))
    np.testing.assert_array_equal(images_of(upright), images_of(turned))
    assert "rows and columns exchanged" in turned.description
    assert "exchanged" not in upright.description


def test_two_idx_sets_in_a_folder_are_told_and_twins_are_not(tmp_path, sets):
    for name, array in zip(("train-images-idx3-ubyte", "train-labels-idx1-ubyte"), sets, strict=False):
        save_idx(tmp_path / f"{name}.gz", array, gzip.open)
        save_idx(tmp_path / name.replace("-idx", ".idx"), array)  # as some programs unpack it
    assert len(load(str(tmp_path)).training) == 486
    save_idx(tmp_path / "emnist-letters-train-images-idx3-ubyte", sets[0])
    with pytest.raises(console.InputError, match="expected one file for x_train, came"):
        load(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"PK", b"not an archive"])
def test_a_damaged_cache_is_not_the_end_of_mnist(tmp_path, monkeypatch, capsys, content):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(content)
    with pytest.raises(console.InputError, match="no download"):  # it tried
        load("mnist")
    assert "damaged" in capsys.readouterr().out


def test_pickled_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "code.npz", x_train=np.array([{"a": 1}], object), y_train=np.zeros(1, int))
    with pytest.raises(console.InputError, match="damaged or no .npz"):
        load(str(tmp_path / "code.npz"))


def test_archives_of_absurd_sizes_are_refused(tmp_path, sets, monkeypatch):
    header = io.BytesIO()
    shape = {"descr": "|u1", "fortran_order": False, "shape": (10**9, 10**6)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(tmp_path / "claims.npz", "w") as archive:
        archive.writestr("x_train.npy", header.getvalue())
    with pytest.raises(console.InputError, match="damaged"):
        load(str(tmp_path / "claims.npz"))
    np.savez_compressed(tmp_path / "holds.npz", x_train=sets[0], y_train=sets[1])
    monkeypatch.setattr(formats, "UNPACKED_CAP", 100_000)
    with pytest.raises(console.InputError, match="claims to hold 4.*, expected at most 100,000"):
        load(str(tmp_path / "holds.npz"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda content: content[:-100], "expected 470,400 bytes .* came 470,300; get a fresh copy"),
        (lambda content: content + b"more", "expected 470,400 bytes .* came more; get a fresh copy"),
        (lambda content: content[:4] + b"\xff" * 12 + content[16:], "expected at most 2,000,000,000"),
        (lambda content: content[:7], "damaged"),
    ],
)
def test_idx_files_of_another_size_are_told(tmp_path, sets, change, told):
    save_idx(tmp_path / "train-images-idx3-ubyte", sets[0])
    save_idx(tmp_path / "train-labels-idx1-ubyte", sets[1])
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(console.InputError, match=told):
        load(str(tmp_path))


def test_small_batches_have_their_share_of_company():
    targets = np.zeros((4000, 10))
    company = np.ones((50, 28, 28, 1), np.float32), np.ones((50, 10))
    batches = Batches(np.zeros((4000, 28, 28, 1), np.float32), targets, 4, seed=0, company=company)
    drawn = [batches[number][1].any(axis=1).sum() for number in range(len(batches))]
    assert sum(drawn) / 4000 == pytest.approx(NON_DIGITS + WRITTEN, abs=0.02)
    assert max(drawn) == 1


def test_an_idx_file_for_which_memory_is_wanting_is_told(tmp_path, sets, monkeypatch):
    save_idx(tmp_path / "train-images-idx3-ubyte", sets[0])
    save_idx(tmp_path / "train-labels-idx1-ubyte", sets[1])

    def without_memory(path, size):
        raise MemoryError

    monkeypatch.setattr(formats, "check_size", without_memory)  # as reading does right after it
    with pytest.raises(console.InputError, match="needs more memory than there is; get a fresh copy"):
        load(str(tmp_path))


def test_written_digits_where_mnist_cannot_be_had(capsys, monkeypatch):
    monkeypatch.setattr("handwriting.data.load.OFFLINE_TEST", 500)
    data = load(None, limit=500)
    printed = capsys.readouterr().out
    assert data.kind == "offline"
    assert "MNIST can't be had" in printed
    assert "--data offline" in printed
    with pytest.raises(console.InputError, match="no download"):
        load("mnist")


def test_offline_test_digits_do_not_depend_on_the_limit(monkeypatch):
    monkeypatch.setattr("handwriting.data.load.OFFLINE_TEST", 500)
    few, more = load("offline", limit=500), load("offline", limit=1000)
    np.testing.assert_array_equal(few.test.images, more.test.images)
    assert len(few.training) + len(few.validation) == 500


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            time.sleep(20)
            return
        if self.path == "/nonsense":
            self.wfile.write(b"220 this is no web server\r\n")
            return
        if self.path == "/trickle":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x" * 65536)
                time.sleep(0.1)
            return
        body = b"x" * 1000
        self.send_response(200)
        self.send_header("Content-Length", str(2000 if self.path == "/short" else len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("/wrong", "/wrong sent is not MNIST"),
        ("/short", "no download"),
        ("/slow", "no answer within"),
        ("/nonsense", "no download"),
        ("/trickle", "not whole after 0.5 seconds"),
    ],
)
def test_a_bad_download_leaves_nothing(tmp_path, server, monkeypatch, page, said):
    # A busy machine may need seconds for its first connection: only a page that must not be waited for gets less.
    monkeypatch.setattr(mnist, "CONNECT_SECONDS", 0.5 if page == "/slow" else 8)
    monkeypatch.setattr(mnist, "DOWNLOAD_SECONDS", 0.5 if page == "/trickle" else 8)
    started = time.monotonic()
    with pytest.raises(console.InputError) as error:
        download_mnist(tmp_path / "mnist.npz", server + page)
    assert said in str(error.value)
    assert time.monotonic() - started < 10  # the slow pages take twice as long
    assert list(tmp_path.iterdir()) == []


def test_batches_depend_on_seed_and_epoch_alone():
    images, labels = np.arange(10.0)[:, None], np.arange(10)
    one, other = Batches(images, labels, 4, seed=1), Batches(images, labels, 4, seed=1)
    assert len(one) == 3
    other.start_epoch(5)
    other.start_epoch(0)
    np.testing.assert_array_equal(one[1][1], other[1][1])
    first = np.concatenate([one[index][1] for index in range(3)])
    one.start_epoch(1)
    second = np.concatenate([one[index][1] for index in range(3)])
    assert sorted(first) == sorted(second) == list(range(10))
    assert list(first) != list(second)


def test_fit_sees_each_epoch_in_its_own_order():
    """Keras reads ahead; what it trains on must still be the order of that epoch."""
    seen = []

    class Recorder(keras.layers.Layer):
        def call(self, inputs):
            import tensorflow as tf

            tf.py_function(lambda values: seen.append(values.numpy().ravel().copy()), [inputs], [])
            return inputs

    numbers = np.arange(12, dtype=np.float32)[:, None]
    batches = Batches(numbers, numbers, 4, seed=3)
    model = keras.Sequential([keras.layers.Input((1,)), Recorder(), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse", run_eagerly=True)
    model.fit(batches, epochs=3, shuffle=False, verbose=0, callbacks=[batches.follow_epochs()])
    trained_on = np.concatenate(seen[-9:]).astype(int)
    expected = [np.random.default_rng([3, epoch]).permutation(12) for epoch in range(3)]
    np.testing.assert_array_equal(trained_on, np.concatenate(expected))


def test_company_takes_its_share_of_every_batch(monkeypatch):
    monkeypatch.setattr(batches_module, "NON_DIGITS", 0.2)
    monkeypatch.setattr(batches_module, "WRITTEN", 0.1)
    images, targets = np.zeros((100, 28, 28, 1), np.float32), np.eye(10)[np.full(100, 3)]
    pictures, their_targets = drawn = company(100)
    assert pictures.shape == (10, 28, 28, 1)
    assert (their_targets == 0.1).all(axis=1).sum() == 7
    assert (their_targets == 1).any(axis=1).sum() == 3
    batches = Batches(images, targets, 20, seed=0, company=drawn)
    for epoch in range(3):
        batches.start_epoch(epoch)
        for index in range(5):
            seen, seen_targets = batches[index]
            others = seen.any(axis=(1, 2, 3))  # the images are empty
            assert others.sum() == 6
            for picture, target in zip(seen[others], seen_targets[others], strict=True):
                (which,) = np.flatnonzero((pictures == picture).all(axis=(1, 2, 3)))
                np.testing.assert_array_equal(target, their_targets[which])
            np.testing.assert_array_equal(seen_targets[~others], targets[:14])
            np.testing.assert_array_equal(batches[index][0], seen)
    assert images.max() == 0
    assert targets[:, 3].min() == 1


def test_batches_have_several_workers():
    """With one, Keras lets tf.data tune itself, and some epochs begin many seconds late."""
    assert Batches(np.zeros((4, 28, 28, 1)), np.zeros(4), 2, 0).workers > 1


def test_variation_depends_on_seed_epoch_and_batch_alone(digits):
    pictures = np.repeat(
        (digits[0][:1, ..., np.newaxis] / 255).astype(np.float32), 64, axis=0
    )  # one, 64 times

    def batch(number, seed=4, epoch=0):
        batches = Batches(pictures, np.zeros(64), 32, seed, vary=True)
        batches.start_epoch(epoch)
        return batches[number][0]

    np.testing.assert_array_equal(batch(0), batch(0))
    for other in (batch(1), batch(0, seed=5), batch(0, epoch=1)):
        assert (batch(0) != other).any(axis=(1, 2, 3)).all()


def test_varied_pictures_are_the_same_digits_a_little_different(digits):
    pictures = (digits[0][:200, ..., np.newaxis] / 255).astype(np.float32)
    changed = varied(pictures, np.random.default_rng(0))
    assert changed.shape == pictures.shape
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1
    ink = changed.sum(axis=(1, 2, 3)) / pictures.sum(axis=(1, 2, 3))
    assert 0.4 < ink.min() < ink.max() < 1.8
    assert (np.abs(changed - pictures).mean(axis=(1, 2, 3)) > 0.001).all()
    rows = (changed.sum(axis=2)[..., 0] * np.arange(28)).sum(axis=1) / changed.sum(axis=(1, 2, 3))
    assert (np.abs(rows - 14) < SHIFT + 1.5).all()


def test_other_pens_thicken_thin_and_soften_strokes():
    stroke = np.zeros((300, 28, 28, 1), np.float32)
    stroke[:, 4:24, 12:16] = 1
    written = with_other_pens(stroke, np.random.default_rng(0))
    assert written.min() >= 0
    assert written.max() <= 1
    ink = written.sum(axis=(1, 2, 3)) / stroke[0].sum()
    assert (ink > 1.1).mean() > 0.2
    assert (ink < 0.9).mean() > 0.2
    assert (written[:, 14, 13:15].min(axis=(1, 2)) > 0.99).all()  # the middle of a wide stroke stays
    assert written[:, :, :10].max() == written[:, :, 18:].max() == 0  # and what is far from it


def test_pictures_sampled_at_their_own_pixels_or_a_pixel_aside():
    pictures = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    places = np.indices((28, 28)).reshape(1, 2, -1).repeat(3, axis=0).astype(np.float32)
    np.testing.assert_array_equal(sampled(pictures, places), pictures)
    below = sampled(pictures, places + np.array([[[1], [0]]], np.float32))
    np.testing.assert_allclose(below[:, :27], pictures[:, 1:], atol=1e-6)
    np.testing.assert_array_equal(below[:, 27], 0)
    between = sampled(pictures, places + np.array([[[0], [0.5]]], np.float32))
    np.testing.assert_allclose(between[:, :, :27], (pictures[:, :, :27] + pictures[:, :, 1:]) / 2, atol=1e-6)
