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


def litert(path):
    """Reads digit images with a LiteRT file."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        import tensorflow

        Interpreter = tensorflow.lite.Interpreter
    interpreter = Interpreter(model_path=str(path), num_threads=1)
    taken, given = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def probabilities_of(images):
        interpreter.resize_tensor_input(taken, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(taken, images)
        interpreter.invoke()
        return interpreter.get_tensor(given)

    return probabilities_of


def onnx(path):
    """Reads digit images with an ONNX file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    taken = session.get_inputs()[0].name
    return lambda images: session.run(None, {taken: images})[0]


def saved_model(path):
    """Reads digit images with TensorFlow's SavedModel."""
    import tensorflow

    network = tensorflow.saved_model.load(str(path))
    return lambda images: network.serve(tensorflow.constant(images)).numpy()


READERS = {"*.tflite": litert, "*.onnx": onnx, "saved_model": saved_model}


def main():
    """Compares what is in this folder with what Keras gave. Returns the exit code."""
    digits = np.load(HERE / "digits.npz")
    path, reader = next((path, reader) for name, reader in READERS.items() for path in HERE.glob(name))
    try:
        probabilities_of = reader(path)
    except ImportError as error:
        print(f"check.py: {error}; the first lines of this file say what it needs", file=sys.stderr)
        return 2
    difference = float(abs(probabilities_of(digits["images"]) - digits["probabilities"]).max())
    print(
        f"{path.name}: a probability differs by {difference:.0e} at most, on {len(digits['images'])} digits"
    )
    if difference > CLOSE_ENOUGH:
        print(f"expected at most {CLOSE_ENOUGH:.0e}; export the network again")
        return 1
    print("it reads as it should")
    return 0


if __name__ == "__main__":
    sys.exit(main())
