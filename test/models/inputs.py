"""Inputs for the exported models: tokens, masks of several patterns, audio features. Always the same ones."""

import numpy

VOCABULARY = 97
PAD = 1  # the padding token; 0 and 2 begin and end a text
POSITIONS = 64  # the longest sequence
BANDS, FRAMES = 20, 36  # of audio features: their size is fixed
PATTERNS = ("full", "right", "left", "holes", "empty", "single")


def make_mask(pattern, batch, seq):
    """A mask with 1 for a token and 0 for padding. Rows differ in length; the first of "right" and "left" is full.

    "right", "left": padding is at that end. "holes": padding lies between tokens. "empty": as "right", but the last row
    has no token at all. "full": no padding. "single": one token in each row, the first one.
    """
    mask = numpy.ones((batch, seq), numpy.int64)
    for row in range(batch):
        length = seq if row == 0 else max(1, seq - 3 * row - 1)
        if pattern in ("right", "empty"):
            mask[row, length:] = 0
        elif pattern == "left":
            mask[row, : seq - length] = 0
        elif pattern == "holes":
            mask[row, row + 1 :: row + 2] = 0
        elif pattern == "single":
            mask[row, 1:] = 0
    if pattern == "empty":
        mask[-1] = 0
    return mask


def make_inputs(names, pattern, batch=5, seq=11):
    """Values for the inputs with these names. Where the mask is 0 the token is the padding one."""
    random = numpy.random.default_rng(PATTERNS.index(pattern))
    mask = make_mask(pattern, batch, seq)
    tokens = random.integers(3, VOCABULARY, (batch, seq))
    second = 1 + numpy.arange(batch)[:, None] % seq  # where each row's second sentence begins
    values = {
        "input_ids": numpy.where(mask == 1, tokens, PAD),
        "attention_mask": mask,
        "token_type_ids": (numpy.arange(seq)[None, :] >= second).astype(numpy.int64),
        "input_features": random.standard_normal((batch, BANDS, FRAMES), numpy.float32),
    }
    return {name: values[name] for name in names}
