"""Weights that are stored otherwise than in a Linear, by the real transformers and peft.

`build ROOT` writes ROOT/gpt2.pt and ROOT/tied.pt, TorchScript of token ids, and for each variant
ROOT/<variant> with an adapter and expected.json; `load ROOT FOLDER` writes the outputs that the
adapter in FOLDER has on gpt2 to FOLDER/actual.txt.
"""

import json
import sys
from pathlib import Path

import torch
from peft import IA3Config, LoraConfig, PeftModel, get_peft_model
from transformers import GPT2Config, GPT2LMHeadModel

IDS = torch.arange(12).reshape(2, 6)
CONV1D = ["attn.c_attn", "attn.c_proj", "mlp.c_proj"]
VARIANTS = {
    # Linear and Conv1D in one file, square weights, other ranks and alphas.
    "mixed": lambda: LoraConfig(
        r=2,
        lora_alpha=4,
        target_modules=[*CONV1D, "lm_head"],
        rank_pattern={"c_attn": 3},
        alpha_pattern={"mlp.c_proj": 1},
    ),
    "dora-conv1d": lambda: LoraConfig(r=2, target_modules=[*CONV1D, "lm_head"], use_dora=True),
    "ia3-conv1d": lambda: IA3Config(
        target_modules=[*CONV1D, "lm_head"], feedforward_modules=["mlp.c_proj"]
    ),
    "embedding": lambda: LoraConfig(r=2, target_modules=["wte", "c_attn"]),
    "dora-embedding": lambda: LoraConfig(r=2, target_modules=["wte", "c_attn"], use_dora=True),
    # PEFT takes the end of a path: "n_f" is transformer.ln_f.
    "saved": lambda: LoraConfig(
        r=2,
        target_modules=["c_attn"],
        modules_to_save=["n_f"],
        bias="all",
        exclude_modules=["lm_head"],
        layers_to_transform=[1],
        layers_pattern="h",
        use_rslora=True,
    ),
    "lora-head": lambda: LoraConfig(r=2, target_modules=["lm_head"]),
}


def base(tied=False):
    torch.manual_seed(7)
    config = GPT2Config(
        vocab_size=40,
        n_embd=16,
        n_layer=2,
        n_head=2,
        n_positions=16,
        tie_word_embeddings=tied,
        attn_implementation="eager",
    )
    model = GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Biases that are zero would hide what is done to them.
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


class Logits(torch.nn.Module):
    """Keeps the names of the parameters as they are in the model."""

    def __init__(self, inner):
        super().__init__()
        for name, child in inner.named_children():
            self.add_module(name, child)
        self.__dict__["inner"] = inner

    def forward(self, ids):
        return self.inner(input_ids=ids, use_cache=False, return_dict=False)[0]


def outputs(model):
    with torch.no_grad():
        return model.eval()(input_ids=IDS).logits.numpy().tobytes().hex()


def build(root, name, config):
    model = get_peft_model(base(), config)
    torch.manual_seed(3)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += 0.3 * torch.randn_like(parameter)
    model.save_pretrained(root / name, save_embedding_layers=False)
    (root / name / "README.md").unlink()
    loaded = PeftModel.from_pretrained(base(), root / name)
    (root / name / "expected.json").write_text(
        json.dumps({"outputs": outputs(loaded), "base": outputs(base())})
    )


def main(action, root, *folder):
    torch.set_num_threads(1)
    if action == "load":
        model = PeftModel.from_pretrained(base(), folder[0])
        (Path(folder[0]) / "actual.txt").write_text(outputs(model))
        return
    for tied in (False, True):
        traced = torch.jit.trace(Logits(base(tied)).eval(), (IDS,), check_trace=False)
        traced.save(str(Path(root) / ("tied.pt" if tied else "gpt2.pt")))
    for name, config in VARIANTS.items():
        build(Path(root), name, config())


main(*sys.argv[1:])
