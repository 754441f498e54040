"""A project as ``rasa init`` makes it, with this project's content."""

import shutil
from pathlib import Path

from bot.content.catalogue import read_yaml

DOMAIN = Path("domain.yml")
NLU = Path("data/nlu")
STORIES = Path("data/stories")
# What Rasa reads; a file without any of it is for our own components.
RASA_KEYS = {"nlu", "responses"}

# Rasa's default pipeline and policies (rasa/engine/recipes/config_files/default_config.yml).
CONFIG = """\
recipe: default.v1
assistant_id: stock
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {epochs}
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    epochs: {epochs}
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
  - name: UnexpecTEDIntentPolicy
    max_history: 5
    epochs: {epochs}
  - name: TEDPolicy
    max_history: 5
    epochs: {epochs}
    constrain_similarities: true
"""

ENDPOINTS = """\
tracker_store:
  type: SQL
  dialect: sqlite
  db: conversations.db
"""

CREDENTIALS = "rest:\n"

# TEDPolicy needs a story. The rules give each message a reply, as ours has one: the decision component, which stock
# Rasa does not have, turns these two intents into "lost".
STORY = """\
version: "3.1"
stories:
  - story: A short conversation
    steps:
      - intent: greet
      - action: utter_greet
      - intent: faq
      - action: utter_faq
      - intent: thank
      - action: utter_thank
      - intent: goodbye
      - action: utter_goodbye
rules:
  - rule: Not sure
    steps: [{intent: nlu_fallback}, {action: utter_lost}]
  - rule: Out of scope
    steps: [{intent: out_of_scope}, {action: utter_lost}]
"""


def write_stock_project(root: Path, folder: Path, epochs: int) -> None:
    """Writes the project into ``folder``, from the content of the project in ``root``.

    Args:
        epochs: training passes of each neural network; Rasa's default is 100.

    Raises:
        ContentError: a content file cannot be read.
    """
    shutil.copytree(root / STORIES, folder / STORIES)
    shutil.copy(root / DOMAIN, folder / DOMAIN)
    for path in sorted((root / NLU).rglob("*.yml")):
        if RASA_KEYS & set(read_yaml(path)):
            copy = folder / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    (folder / STORIES / "stock.yml").write_text(STORY, encoding="utf-8")
    (folder / "config.yml").write_text(CONFIG.format(epochs=epochs), encoding="utf-8")
    (folder / "endpoints.yml").write_text(ENDPOINTS, encoding="utf-8")
    (folder / "credentials.yml").write_text(CREDENTIALS, encoding="utf-8")
