"""Liyi 礼仪: a recording in, a fair and explained assessment of bearing and voice out."""

import os

# Our matrices are small: with more threads OpenBLAS mostly waits in circles (a live session then takes 14 % of a core
# instead of 7), and the order of a sum may change from run to run. Read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
