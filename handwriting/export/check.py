"""Checks an exported network: it must give what it gave in Keras for 20 digits.

    python check.py

It runs without the project that made this folder. It needs NumPy, and one of these: ai-edge-litert or TensorFlow for a
.tflite file, onnxruntime for an .onnx file, TensorFlow for the folder saved_model.
"""

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
CLOSE_ENOUGH = 1e-4  # how far a probability may be from the one that Keras gave


def litert(path, images):
    """What a LiteRT file gives for digit images."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        import tensorflow

        Interpreter = tensorflow.lite.Interpreter
    interpreter = Interpreter(model_path=str(path))
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(taken["index"], images.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(taken["index"], images)
    interpreter.invoke()
    return interpreter.get_tensor(given["index"])


def onnx(path, images):
    """What an ONNX file gives for digit images."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    (taken,) = session.get_inputs()
    return session.run(None, {taken.name: images})[0]


def saved_model(path, images):
    """What TensorFlow's SavedModel gives for digit images."""
    import tensorflow

    network = tensorflow.saved_model.load(str(path))
    return network.serve(tensorflow.constant(images)).numpy()


def main():
    """Compares what is in this folder with what Keras gave. Returns the exit code."""
    digits = np.load(HERE / "digits.npz")
    runtimes = {"*.tflite": litert, "*.onnx": onnx, "saved_model": saved_model}
    (path, probabilities_of), *_ = [(path, run) for name, run in runtimes.items() for path in HERE.glob(name)]
    try:
        probabilities = probabilities_of(path, digits["images"])
    except ImportError as error:
        print(f"check.py: {error}; the first lines of this file say what it needs", file=sys.stderr)
        return 2
    difference = float(abs(probabilities - digits["probabilities"]).max())
    good = difference <= CLOSE_ENOUGH
    print(
        f"{path.name}: the largest difference of a probability is {difference:.0e} on {len(probabilities)} digits"
    )
    print(
        "it reads as it should" if good else f"expected at most {CLOSE_ENOUGH:.0e}; export the network again"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
