"""The parts of a training. Start at cnn_model_v2.py in the folder above the package, then plan.py and recipe.py."""
