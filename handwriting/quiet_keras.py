"""Keras without the log lines that TensorFlow greets with: `from handwriting.quiet_keras import keras, layers`.

Importing Keras takes seconds and much memory. Only modules that compute with networks import it; what answers --help,
and the worker processes that open pictures or write pages, do not.
"""

from handwriting import installation

keras = installation.start_keras()
layers = keras.layers
