"""What a visitor reads: responses of YAML, composed with what depends on the conversation."""

from bot.nlg.composer import ReplyComposer

__all__ = ["ReplyComposer"]
