"""Rasa without what this product does not use (bot/lean_rasa/stand_ins.py)."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.lean_rasa.stand_ins import CHANNELS, COMPONENTS, HELPERS

ROOT = Path(__file__).parents[2]
HEAVY = (
    *("tensorflow", "keras", "jax", "sklearn", "matplotlib", "h5py", "rich", "aiogram", "prompt_toolkit", "socketio"),
    *("botocore.session", "bson", "dns.resolver"),
)
# All that a Rasa server imports: itself, the nodes of a model's graph, the parts named in our YAML files.
IMPORTS = """
import rasa.__main__, rasa.core.run
import rasa.graph_components.validators.default_recipe_validator, rasa.graph_components.validators.finetuning_validator
import rasa.engine.recipes.default_components, rasa.core.policies.rule_policy
import bot.channels.outbox, bot.channels.rest, bot.channels.web, bot.nlg
import bot.storage.lock_store, bot.storage.tracker_store
import bot.nlu.components.decision, bot.nlu.components.intent_classifier, bot.nlu.components.safety_rules
"""


def run(script: str) -> str:
    """Output of a Python process of its own."""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_rasa_server_loads_nothing_heavy() -> None:
    loaded = f"print('loaded:', [name for name in {HEAVY} if sys.modules.get(name)])"
    assert "loaded: []" in run(f"import sys; from bot.lean_rasa.stand_ins import install; install()\n{IMPORTS}{loaded}")


def test_without_stand_ins_rasa_still_needs_tensorflow() -> None:
    # When this fails, Rasa no longer imports TensorFlow of its own: see which of the stand-ins can go.
    assert "import of tensorflow halted" in run("import sys; sys.modules['tensorflow'] = None\nimport rasa.core.agent")


@pytest.mark.parametrize("name", ["boto3.dynamodb.conditions", "pymongo.collection"])
def test_without_stand_ins_rasa_still_needs_the_databases_of_others(name: str) -> None:
    script = f"import sys; from bot.lean_rasa.stand_ins import install; install(); sys.modules['{name}'] = None\n"
    assert f"import of {name} halted" in run(f"{script}import rasa.core.tracker_store")


@pytest.mark.parametrize("name", [*COMPONENTS, *HELPERS, *CHANNELS])
def test_what_is_stood_in_for_is_still_in_rasa(name: str) -> None:
    path = Path(str(find_spec("rasa").origin)).parent.parent / name.replace(".", "/")  # type: ignore[union-attr]
    assert path.with_suffix(".py").is_file()


def test_nothing_that_is_stood_in_for_is_in_the_configuration() -> None:
    script = """
import yaml
from bot.lean_rasa.stand_ins import CHANNELS, COMPONENTS, install
install()
from rasa.core.channels import BUILTIN_CHANNELS
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
absent = {each.__name__ for each in DEFAULT_COMPONENTS if each.__module__ in COMPONENTS} | set(CHANNELS)
config, channels = (yaml.safe_load(open(name)) for name in ("config.yml", "credentials.yml"))
used = {each["name"] for each in config["pipeline"] + config["policies"]} | set(channels)
print("both:", used & absent, "absent:", len(absent))
assert not any(name in BUILTIN_CHANNELS for name in channels)
"""
    assert f"both: set() absent: {len(COMPONENTS) + len(CHANNELS)}" in run(script)


def test_whoever_uses_what_is_not_there_is_told_so() -> None:
    script = "from bot.lean_rasa.stand_ins import install; install()\n"
    script += "from rasa.core.channels.slack import SlackInput; SlackInput()"
    assert "rasa.core.channels.slack.SlackInput is kept away by bot.lean_rasa.stand_ins" in run(script)
