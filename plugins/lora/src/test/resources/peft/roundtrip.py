"""Adapters by the real peft: `build ROOT` writes ROOT/<variant>/python, `load ROOT` reads .../java.

`load ROOT NAME` reads ROOT/NAME/java; `trace FILE` writes the base as TorchScript of (ids, mask).
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
from peft import IA3Config, LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForSequenceClassification

TARGETS = ["query", "value"]
VARIANTS = {
    "lora": lambda: LoraConfig(r=4, lora_alpha=8, target_modules=TARGETS, task_type="SEQ_CLS"),
    "rslora": lambda: LoraConfig(r=4, lora_alpha=8, target_modules=TARGETS, use_rslora=True),
    "dora": lambda: LoraConfig(r=4, target_modules=r".*\.(query|dense)", use_dora=True),
    "ranks": lambda: LoraConfig(
        r=4,
        target_modules=TARGETS,
        rank_pattern={"layer.0.attention.self.query": 2, ".*1.*value": 6},
        alpha_pattern={"value": 3},
    ),
    "bias": lambda: LoraConfig(r=2, target_modules=TARGETS, bias="lora_only"),
    "allbias": lambda: LoraConfig(r=2, target_modules=TARGETS, bias="all"),
    "embedding": lambda: LoraConfig(r=2, target_modules=["word_embeddings", "query"]),
    "ia3": lambda: IA3Config(
        target_modules=["key", "value", "output.dense"],
        feedforward_modules=["output.dense"],
        task_type="SEQ_CLS",
    ),
    "half": lambda: LoraConfig(r=4, target_modules=TARGETS),
    "bfloat": lambda: LoraConfig(r=4, target_modules=TARGETS),
}
STORED = {"half": torch.float16, "bfloat": torch.bfloat16}


def base():
    torch.manual_seed(7)
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=40,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=48,
            max_position_embeddings=16,
        )
    ).eval()


def outputs(model):
    ids = torch.arange(24).reshape(3, 8)
    with torch.no_grad():
        return model.eval()(input_ids=ids).logits.numpy().tobytes().hex()


def build(folder, config, stored):
    model = get_peft_model(base(), config)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += 0.3 * torch.randn_like(parameter)
    model.save_pretrained(folder / "python")
    file = folder / "python" / "adapter_model.safetensors"
    if stored:
        save_file({k: v.to(stored) for k, v in load_file(file).items()}, file, {"format": "pt"})
    tensors = {
        name: {
            "shape": list(value.shape),
            "sha256": hashlib.sha256(value.float().numpy().tobytes()).hexdigest(),
        }
        for name, value in load_file(file).items()
    }
    loaded = PeftModel.from_pretrained(base(), folder / "python")
    (folder / "expected.json").write_text(
        json.dumps({"tensors": tensors, "outputs": outputs(loaded), "base": outputs(base())})
    )


class Logits(torch.nn.Module):
    """Keeps the names of the parameters as they are in the model."""

    def __init__(self, inner):
        super().__init__()
        for name, child in inner.named_children():
            self.add_module(name, child)
        self.__dict__["inner"] = inner

    def forward(self, ids, mask):
        return self.inner(input_ids=ids, attention_mask=mask, return_dict=False)[0]


def main(action, root, *names):
    torch.set_num_threads(1)
    if action == "trace":
        inputs = (torch.arange(24).reshape(3, 8), torch.ones(3, 8, dtype=torch.long))
        torch.jit.trace(Logits(base()).eval(), inputs).save(root)
        return
    for name in names or VARIANTS:
        folder = Path(root) / name
        folder.mkdir(parents=True, exist_ok=True)
        if action == "build":
            build(folder, VARIANTS[name](), STORED.get(name))
        else:
            model = PeftModel.from_pretrained(base(), folder / "java")
            (folder / "actual.txt").write_text(outputs(model))


main(*sys.argv[1:])
