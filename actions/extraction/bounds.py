"""How much of a text is read: a visitor may send thousands of characters, and others wait meanwhile."""

# What the language model sees of a text, and how many times in it somebody may say who and where they are.
LONGEST_PASSAGE, MOST_CUES = 300, 4
# Where addresses and phone numbers are looked for: an expression is quicker than the model.
LONGEST_WITH_CONTACTS = 2000
# Longer than any name of a person or of a country.
LONGEST_NAME = 80
# Longer than any yes or no.
LONGEST_SHORT_ANSWER = 80
# Of a conversation: so many of the visitor's newest messages, and so many characters in all.
MOST_TEXTS, LONGEST_TOGETHER = 20, 2000


def both_ends(text: str, longest: int) -> str:
    """The beginning and the end of a long text, cut between words: people say who they are in either.

    Args:
        longest: characters that are kept.
    """
    text = text.strip()
    if len(text) <= longest:
        return text
    half = longest // 2
    # The full stop keeps what was apart from becoming one sentence.
    return f"{text[:half].rsplit(None, 1)[0]} . {text[-half:].split(None, 1)[-1]}"


def newest(texts: list[str]) -> list[str]:
    """The last of several texts, as many as are read; in the same order."""
    kept: list[str] = []
    room = LONGEST_TOGETHER
    for text in reversed(texts[-MOST_TEXTS:]):
        room -= min(len(text), LONGEST_PASSAGE)
        if room < 0:
            break
        kept.append(text)
    return kept[::-1]
