"""Writes the tiny seeded checkpoints of src/test/resources/models and what transformers computes with them.

    python goldens.py ../../src/test/resources/models [name of a family ...]

The weights are random, large enough that every mistake shows, and no bias or norm keeps its 0 or 1.
"""

import json
import shutil
import sys
import zlib
from pathlib import Path

import torch
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertForTokenClassification,
    DistilBertConfig,
    DistilBertForMaskedLM,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForMaskedLM,
    ElectraForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    ModernBertForSequenceClassification,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    RobertaConfig,
    RobertaForMaskedLM,
    RobertaForSequenceClassification,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
    XLMRobertaForSequenceClassification,
)

CORPUS = [
    "The river runs past the old mill and under the stone bridge.",
    "A slow cold rain fell on the town, and nobody went out to the market.",
    "She reads the paper in the morning; he reads it in the evening.",
    "There are 12 boats in the harbour, 7 of them red and 5 of them green.",
    "Quick brown foxes jump over lazy dogs, or so the story goes.",
    "The baker's daughter opened the shop at 6:30, long before sunrise.",
    "What a dull, tired and endless film! The actors were better than the text.",
    "We walked through the forest until the path ended at a small lake.",
    "Jack and Zoe visited Berlin, Vienna and Kyoto in the year 1984.",
    "The teacher asked a question (an easy one) and the children answered it.",
    "In the evening the wind turned, and the boats came home to the harbour.",
    "It is the best story that I have ever read: warm, clever and short.",
]
SHORT = "The river runs."
MIDDLE = "She opened the shop at 6:30."
LONG = "In the evening the wind turned; the 12 boats came home."
PAIR = ("The children asked", "what the story of the lake was.")
VOCABULARY = 152
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
ASCII = "".join(chr(code) for code in range(32, 127))


transformers.utils.logging.disable_progress_bar()


def seed(name):
    torch.manual_seed(zlib.crc32(name.encode()))


# Tokenizers, each in the manner of its family.


def word_piece():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", [(t, tokenizer.token_to_id(t)) for t in ["[CLS]", "[SEP]"]]
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    return tokenizer, dict(
        cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]", do_lower_case=True
    )


def byte_level(special, split=None, normalizer=None):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizer
    plain = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if split:
        plain = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(split), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    tokenizer.pre_tokenizer = plain
    # All of ASCII (a real one has all 256 bytes), so that the vocabulary stays small.
    alphabet = sorted({c for word, _ in pre_tokenizers.ByteLevel(False, use_regex=False).pre_tokenize_str(ASCII + "\n") for c in word})
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=special, initial_alphabet=alphabet)
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def roberta_tokenizer():
    tokenizer = byte_level(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return tokenizer, roberta_names()


def roberta_names():
    return dict(
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token=AddedToken("<mask>", lstrip=True, special=True),
    )


def xlm_roberta_tokenizer():
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.train_from_iterator(
        CORPUS, trainers.UnigramTrainer(vocab_size=VOCABULARY, special_tokens=special, unk_token="<unk>", show_progress=False)
    )
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", [("<s>", 0), ("</s>", 2)])
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer, roberta_names()


def modernbert_tokenizer():
    tokenizer = byte_level(["[UNK]", "[CLS]", "[SEP]", "[PAD]"], normalizer=normalizers.NFC())
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:0 [SEP]:0", [("[CLS]", 1), ("[SEP]", 2)]
    )
    return tokenizer, dict(
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        unk_token="[UNK]",
        mask_token=AddedToken("[MASK]", lstrip=True, special=True),
    )


def gpt2_tokenizer():
    tokenizer = byte_level(["<|endoftext|>"])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer, dict(bos_token="<|endoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>")


def llama_tokenizer():
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = byte_level(special, SPLIT)
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                "<|begin_of_text|> $A", "<|begin_of_text|> $A <|begin_of_text|>:1 $B:1", [("<|begin_of_text|>", 0)]
            ),
        ]
    )
    return tokenizer, dict(bos_token="<|begin_of_text|>", eos_token="<|end_of_text|>", chat_template=CHATML)


def qwen2_tokenizer():
    tokenizer = byte_level(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], SPLIT, normalizers.NFC())
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer, dict(eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=CHATML)


def mistral_tokenizer():
    tokenizer = byte_level(["<unk>", "<s>", "</s>"], SPLIT)
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s>:1 $B:1", [("<s>", 1)])
    return tokenizer, dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>")


# Models.

SMALL = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48)
DECODER = dict(SMALL, max_position_embeddings=128, rms_norm_eps=1e-5)
LABELS = dict(num_labels=3, id2label={0: "bad", 1: "fair", 2: "good"}, label2id={"bad": 0, "fair": 1, "good": 2})
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
ROPE = dict(rope_type="default", rope_theta=100000.0)
LLAMA3 = dict(
    rope_type="llama3",
    rope_theta=500.0,
    factor=8.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=32,
)


def bert(size, **more):
    return BertConfig(vocab_size=size, max_position_embeddings=64, pad_token_id=0, **SMALL, **more)


def distilbert(size, **more):
    return DistilBertConfig(
        vocab_size=size, max_position_embeddings=64, dim=32, n_layers=2, n_heads=4, hidden_dim=48, pad_token_id=0, **more
    )


def electra(size, **more):
    return ElectraConfig(vocab_size=size, embedding_size=16, max_position_embeddings=64, pad_token_id=0, **SMALL, **more)


def roberta(size, kind=RobertaConfig, **more):
    return kind(
        vocab_size=size,
        max_position_embeddings=66,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        **SMALL,
        **more,
    )


def modernbert(size, **more):
    return ModernBertConfig(
        vocab_size=size,
        max_position_embeddings=128,
        global_attn_every_n_layers=3,
        local_attention=8,
        pad_token_id=3,
        cls_token_id=1,
        sep_token_id=2,
        bos_token_id=1,
        eos_token_id=2,
        **dict(SMALL, num_hidden_layers=3),
        **more,
    )


def gpt2(size):
    return GPT2Config(vocab_size=size, n_positions=128, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0)


def llama(size, rope=ROPE):
    return LlamaConfig(
        vocab_size=size, num_key_value_heads=2, rope_parameters=dict(rope), bos_token_id=0, eos_token_id=1, **DECODER
    )


def qwen2(size):
    return Qwen2Config(
        vocab_size=size,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        rope_parameters=dict(ROPE, rope_theta=1000000.0),
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=0,
        **DECODER,
    )


def qwen3(size, tied=True):
    return Qwen3Config(
        vocab_size=size,
        num_key_value_heads=2,
        head_dim=12,
        tie_word_embeddings=tied,
        rope_parameters=dict(ROPE, rope_theta=1000000.0),
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=0,
        **DECODER,
    )


def mistral(size):
    return MistralConfig(
        vocab_size=size,
        num_key_value_heads=1,
        sliding_window=8,
        rope_parameters=dict(ROPE, rope_theta=10000.0),
        bos_token_id=1,
        eos_token_id=2,
        **DECODER,
    )


def build(cls, config, name):
    seed(name)
    config._attn_implementation = "eager"
    model = cls(config).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            parameter.normal_(0, 0.2 if parameter.dim() > 1 else 0.1)
            if parameter.dim() == 1 and key.endswith("weight"):
                parameter.add_(1)
    return model


# What transformers computes.


def rounded(values):
    if torch.is_tensor(values):
        values = values.detach().float().flatten().tolist()
    return [float(f"{value:.7g}") for value in values]


def write_golden(directory, golden):
    text = json.dumps({"transformers": transformers.__version__, "torch": torch.__version__, **golden}, separators=(",", ":"))
    (directory / "golden.json").write_text(text + "\n")


def arguments(row):
    given = {"input_ids": torch.tensor([row["ids"]])}
    if row["types"] is not None:
        given["token_type_ids"] = torch.tensor([row["types"]])
    return given


def encode(tokenizer, texts, typed):
    rows = []
    for text in texts:
        encoding = tokenizer.encode(*text) if isinstance(text, tuple) else tokenizer.encode(text)
        assert "[UNK]" not in encoding.tokens and "<unk>" not in encoding.tokens, encoding.tokens
        rows.append({"ids": encoding.ids, "types": encoding.type_ids if typed else None})
    return rows


def logits(model, rows):
    with torch.no_grad():
        return [rounded(model(**arguments(row)).logits) for row in rows]


def greedy(model, ids):
    model.generation_config.eos_token_id = None
    out = model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        max_new_tokens=24,
        pad_token_id=0,
        output_scores=True,
        return_dict_in_generate=True,
    )
    for scores in out.scores:
        first, second = scores[0].topk(2).values
        assert first - second > 1e-3, "two tokens are as good as equal; take another seed"
    return out.sequences[0, len(ids) :].tolist()


def step(model, rows, labels, pad, names):
    """One padded batch, dropout off; the loss is the mean over all labelled positions of the batch."""
    longest = max(len(row["ids"]) for row in rows)

    def padded(lists, value):
        return torch.tensor([values + [value] * (longest - len(values)) for values in lists])

    given = {
        "input_ids": padded([row["ids"] for row in rows], pad),
        "attention_mask": padded([[1] * len(row["ids"]) for row in rows], 0),
        "labels": padded(labels, -100),
    }
    if rows[0]["types"] is not None:
        given["token_type_ids"] = padded([row["types"] for row in rows], 0)
    model.zero_grad()
    loss = model(**given).loss
    loss.backward()
    parameters = dict(model.named_parameters())
    return {
        "loss_inputs": [{**row, "labels": label} for row, label in zip(rows, labels)],
        "loss": rounded([loss.item()])[0],
        "gradients": {name: rounded(parameters[name].grad) for name in names},
    }


def masked_step(model, rows, mask):
    masked, labels = [], []
    for row in rows:
        at = range(2, len(row["ids"]) - 1, 3)
        labels.append([token if i in at else -100 for i, token in enumerate(row["ids"])])
        masked.append({**row, "ids": [mask if i in at else token for i, token in enumerate(row["ids"])]})
    names = [
        "bert.embeddings.word_embeddings.weight",
        "bert.embeddings.token_type_embeddings.weight",
        "bert.embeddings.LayerNorm.bias",
        "bert.encoder.layer.0.attention.self.query.weight",
        "bert.encoder.layer.0.attention.self.value.bias",
        "bert.encoder.layer.1.output.LayerNorm.weight",
        "cls.predictions.transform.dense.weight",
        "cls.predictions.bias",
    ]
    return step(model, masked, labels, 0, names)


def causal_step(model, rows, more=()):
    # The last text's first tokens stand for a prompt, which is not learned.
    labels = [list(row["ids"]) for row in rows]
    labels[-1][:6] = [-100] * 6
    names = [
        "model.embed_tokens.weight",
        "model.layers.0.self_attn.q_proj.weight",
        "model.layers.0.self_attn.k_proj.weight",
        "model.layers.0.input_layernorm.weight",
        "model.layers.1.mlp.down_proj.weight",
        "model.norm.weight",
        *more,
    ]
    return step(model, rows, labels, 0, names)


# Directories.


def save(model, directory, **options):
    directory.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(directory, **options)


def classic(directory):
    """Writes the configuration as transformers 4 did and as most of the Hub has it: other names, flat rope settings."""
    path = directory / "config.json"
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    if config["model_type"] == "modernbert":
        config["global_rope_theta"] = rope["full_attention"]["rope_theta"]
        config["local_rope_theta"] = rope["sliding_attention"]["rope_theta"]
    else:
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    config.pop("layer_types", None)
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def check_reload(cls, directory, rows, expected):
    """The directory as it lies there gives the golden logits again."""
    model = cls.from_pretrained(directory, dtype=torch.float32).eval()
    for got, want in zip(logits(model, rows), expected):
        difference = (torch.tensor(got) - torch.tensor(want)).abs().max().item()
        assert difference < 2e-5, f"{directory}: {difference}"


def save_tokenizer(directory, tokenizer, names, tokenizer_class, rows, texts):
    if not (directory / "tokenizer.json").exists():
        tokenizer.save(str(directory / "tokenizer.json"))
    raw = (directory / "tokenizer.json").read_text()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_file=str(directory / "tokenizer.json"), model_max_length=64, **names)
    fast.save_pretrained(directory)
    # As the tokenizers library wrote it: save_pretrained may add to it.
    (directory / "tokenizer.json").write_text(raw)
    path = directory / "tokenizer_config.json"
    config = json.loads(path.read_text())
    config["tokenizer_class"] = tokenizer_class
    path.write_text(json.dumps(config, indent=2) + "\n")
    # transformers 5 no longer writes this file; most of the Hub has it.
    plain = {k: v if isinstance(v, str) else v.content for k, v in names.items() if k.endswith("_token")}
    (directory / "special_tokens_map.json").write_text(json.dumps(plain, indent=2) + "\n")
    loaded = transformers.AutoTokenizer.from_pretrained(directory)
    for row, text in zip(rows, texts):
        got = loaded(*text if isinstance(text, tuple) else (text,))["input_ids"]
        assert got == row["ids"], f"{directory}: AutoTokenizer gives {got}, tokenizer.json {row['ids']}"


ENCODERS = {
    # name: (tokenizer, its class, configuration, masked LM, classifier, token types)
    "bert": (word_piece, "BertTokenizer", bert, BertForMaskedLM, BertForSequenceClassification, True),
    "distilbert": (
        word_piece,
        "DistilBertTokenizer",
        distilbert,
        DistilBertForMaskedLM,
        DistilBertForSequenceClassification,
        False,
    ),
    "electra": (word_piece, "ElectraTokenizer", electra, ElectraForMaskedLM, ElectraForSequenceClassification, True),
    "roberta": (
        roberta_tokenizer,
        "RobertaTokenizer",
        roberta,
        RobertaForMaskedLM,
        RobertaForSequenceClassification,
        False,
    ),
    "xlm-roberta": (
        xlm_roberta_tokenizer,
        "XLMRobertaTokenizer",
        lambda size, **more: roberta(size, XLMRobertaConfig, **more),
        XLMRobertaForMaskedLM,
        XLMRobertaForSequenceClassification,
        False,
    ),
    "modernbert": (
        modernbert_tokenizer,
        "PreTrainedTokenizerFast",
        modernbert,
        ModernBertForMaskedLM,
        ModernBertForSequenceClassification,
        False,
    ),
}

DECODERS = {
    # name: (tokenizer, its class, configuration, class, configuration as of transformers 4)
    "gpt2": (gpt2_tokenizer, "GPT2Tokenizer", gpt2, GPT2LMHeadModel, False),
    "llama": (llama_tokenizer, "PreTrainedTokenizerFast", llama, LlamaForCausalLM, False),
    "qwen2": (qwen2_tokenizer, "Qwen2Tokenizer", qwen2, Qwen2ForCausalLM, True),
    "qwen3": (qwen2_tokenizer, "Qwen2Tokenizer", qwen3, Qwen3ForCausalLM, True),
    "mistral": (mistral_tokenizer, "PreTrainedTokenizerFast", mistral, MistralForCausalLM, True),
}


def base(target, name, tokenizer_maker, tokenizer_class, make, cls, typed, texts, old=False):
    directory = target / name
    tokenizer, names = tokenizer_maker()
    if (directory / "tokenizer.json").exists():
        # Training one does not give the same vocabulary twice.
        tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    rows = encode(tokenizer, texts, typed)
    model = build(cls, make(tokenizer.get_vocab_size()), name)
    save(model, directory)
    if old:
        classic(directory)
    with torch.no_grad():
        hidden = [rounded(model.base_model(**arguments(row)).last_hidden_state) for row in rows]
    golden = {"texts": texts, "inputs": rows, "hidden": hidden, "logits": logits(model, rows)}
    check_reload(cls, directory, rows, golden["logits"])
    save_tokenizer(directory, tokenizer, names, tokenizer_class, rows, texts)
    return directory, tokenizer, rows, model, golden


def variant(target, name, cls, config, rows, old=False):
    """A directory with its own weights and golden, and the tokenizer of another one."""
    model = build(cls, config, name)
    save(model, target / name)
    if old:
        classic(target / name)
    values = logits(model, rows)
    check_reload(cls, target / name, rows, values)
    write_golden(target / name, columns(rows, values) | continuation(model, rows))


def continuation(model, rows):
    return {"greedy_ids": greedy(model, rows[0]["ids"])} if model.can_generate() else {}


def shortened(directory, model, rows, **options):
    """The weights in 16 bits, and what they give when computed with in 32 (read again: rope's buffers stay in 32)."""
    shutil.rmtree(directory, ignore_errors=True)
    save(model, directory, **options)
    again = type(model).from_pretrained(directory, dtype=torch.float32).eval()
    write_golden(directory, columns(rows, logits(again, rows)) | continuation(again, rows))


def columns(rows, values):
    return {"ids": [row["ids"] for row in rows], "types": [row["types"] for row in rows], "logits": values}


def main(target, only):
    for name, (tokenizer_maker, tokenizer_class, make, cls, classifier, typed) in ENCODERS.items():
        if only and name not in only:
            continue
        directory, tokenizer, rows, model, golden = base(
            target, name, tokenizer_maker, tokenizer_class, make, cls, typed, [SHORT, LONG, PAIR]
        )
        if name == "bert":
            golden |= masked_step(model, rows, tokenizer.token_to_id("[MASK]"))
        write_golden(directory, golden)
        size = tokenizer.get_vocab_size()
        variant(target, name + "-classifier", classifier, make(size, **LABELS), rows)
        if name == "modernbert":
            variant(target, name + "-classifier-mean", classifier, make(size, **LABELS, classifier_pooling="mean"), rows, True)
        if name == "bert":
            tags = dict(num_labels=5, id2label=dict(enumerate(TAGS)), label2id={tag: i for i, tag in enumerate(TAGS)})
            variant(target, "bert-tagger", BertForTokenClassification, make(size, **tags), rows)
            shortened(target / "bert-f16", model.half(), rows)

    for name, (tokenizer_maker, tokenizer_class, make, cls, old) in DECODERS.items():
        if only and name not in only:
            continue
        directory, tokenizer, rows, model, golden = base(
            target, name, tokenizer_maker, tokenizer_class, make, cls, False, [SHORT, MIDDLE, LONG], old
        )
        golden |= continuation(model, rows)
        if name == "qwen3":
            norms = [f"model.layers.0.self_attn.{norm}_norm.weight" for norm in "qk"]
            golden |= causal_step(model, rows, norms)
            variant(target, "qwen3-untied", cls, make(tokenizer.get_vocab_size(), tied=False), rows)
        if name == "llama":
            golden |= causal_step(model, rows)
            shortened(target / "llama-sharded", model.bfloat16(), rows, max_shard_size="30KB")
            variant(target, "llama-rope-scaled", cls, llama(tokenizer.get_vocab_size(), LLAMA3), rows, True)
        write_golden(directory, golden)
    for file in target.glob("*/generation_config.json"):
        file.unlink()
    for file in target.glob("*/*.safetensors"):
        file.chmod(0o644)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
