"""The sentence encoder: text to a 384-number vector, near vectors for near meanings."""

from bot.nlu.encoder.encoder import DIMENSIONS, Encoder

__all__ = ["DIMENSIONS", "Encoder"]
