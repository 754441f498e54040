"""The multilingual sentence encoder: text of any language to a 384-number vector."""

from bot.nlu.multilingual.encoder import DIMENSIONS, MultilingualEncoder

__all__ = ["DIMENSIONS", "MultilingualEncoder"]
