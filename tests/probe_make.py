"""Makes the small models that only their own libraries can write: `python probe_make.py KIND FOLDER [GGUF]`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
import transformers as tf

SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 256,
}
SPEECH: dict[str, Any] = {
    **{f"{side}_{part}": count for side in ("encoder", "decoder") for part, count in (("layers", 2), ("ffn_dim", 128))},
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "d_model": 64,
    "vocab_size": 300,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 3,
}


def sharded(folder: Path) -> None:
    tf.LlamaForCausalLM(tf.LlamaConfig(**SIZES)).save_pretrained(folder, max_shard_size="100KB")


def mixtral(folder: Path) -> None:
    config = tf.MixtralConfig(**SIZES, num_key_value_heads=2, num_local_experts=4)
    tf.MixtralForCausalLM(config).save_pretrained(folder)


def qwen2_tied(folder: Path) -> None:
    config = tf.Qwen2Config(**SIZES, num_key_value_heads=2, tie_word_embeddings=True)
    tf.Qwen2ForCausalLM(config).save_pretrained(folder)


def falcon(folder: Path) -> None:
    config = tf.FalconConfig(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, vocab_size=256)
    tf.FalconForCausalLM(config).save_pretrained(folder)


def bert(folder: Path) -> None:
    tf.BertForMaskedLM(tf.BertConfig(**SIZES)).save_pretrained(folder)


def whisper(folder: Path) -> None:
    tf.WhisperForConditionalGeneration(tf.WhisperConfig(**SPEECH)).save_pretrained(folder)


def t5(folder: Path) -> None:
    config = tf.T5Config(vocab_size=256, d_model=64, d_ff=128, num_layers=2, num_heads=4, d_kv=16)
    tf.T5ForConditionalGeneration(config).save_pretrained(folder)


def vision(folder: Path) -> None:
    sizes = {key: value for key, value in SIZES.items() if key != "vocab_size"}
    tf.ViTForImageClassification(tf.ViTConfig(**sizes, image_size=32, patch_size=8)).save_pretrained(folder)


def sdxl(folder: Path) -> None:
    import diffusers  # noqa: PLC0415 - an extra of its own

    words = folder / "words"
    words.mkdir(parents=True)
    letters = [chr(number) for number in range(97, 123)]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (words / "vocab.json").write_text(json.dumps({token: place for place, token in enumerate(tokens)}))
    (words / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = tf.CLIPTokenizer(vocab=str(words / "vocab.json"), merges=str(words / "merges.txt"), model_max_length=77)
    text = tf.CLIPTextConfig(
        hidden_size=32,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=64,
        projection_dim=32,
        hidden_act="gelu",
        pad_token_id=1,
        bos_token_id=52,
        eos_token_id=53,
    )
    core = diffusers.UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=80,
        cross_attention_dim=64,
    )
    painter = diffusers.AutoencoderKL(
        block_out_channels=[32, 64],
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        sample_size=16,
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
    )
    diffusers.StableDiffusionXLPipeline(
        vae=painter,
        unet=core,
        scheduler=diffusers.EulerDiscreteScheduler(),
        text_encoder=tf.CLIPTextModel(text),
        text_encoder_2=tf.CLIPTextModelWithProjection(text),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
    ).save_pretrained(folder)
    shutil.rmtree(words)


def smollm(folder: Path) -> None:
    """The model of a GGUF file as safetensors, and, beside it, as a torch pickle."""
    source = Path(sys.argv[3])
    loaded = tf.AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
    tokenizer = tf.AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    config = loaded.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    plain = tf.LlamaForCausalLM(config)
    plain.load_state_dict(loaded.state_dict())
    plain.save_pretrained(folder / "safetensors")
    tokenizer.save_pretrained(folder / "safetensors")
    shutil.copytree(folder / "safetensors", folder / "bin", ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save(plain.state_dict(), folder / "bin" / "pytorch_model.bin")


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float32)
    globals()[sys.argv[1]](Path(sys.argv[2]))
