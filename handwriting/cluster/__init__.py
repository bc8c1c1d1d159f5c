"""Reading on the workers of a Dask scheduler.

travel.py takes a function to a worker, versions.py says what must be the same there, worker.py reads there,
connecting.py finds scheduler and workers, stream.py brings results back in order, tables.py writes them,
command.py is the whole way. Only connecting.py and stream.py import Dask.
"""
