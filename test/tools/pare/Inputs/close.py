"""close.py OUTPUTS.npz WANT.npy: fails unless array y of the first file is the second."""

import sys

import numpy

numpy.testing.assert_allclose(numpy.load(sys.argv[1])["y"], numpy.load(sys.argv[2]), rtol=1e-5, atol=1e-6)
