from ctransformers import AutoModelForCausalLM as CT
from faster_whisper import WhisperModel
from llama_cpp import Llama
from mlx_lm import load
from vllm import LLM
from vllm.engine.arg_utils import AsyncEngineArgs

llm = LLM(model="acme/vllm", revision="0123456789abcdef0123456789abcdef01234567", tokenizer="acme/vllm-tokenizer")
engine = AsyncEngineArgs(model="acme/vllm-async")
llama = Llama.from_pretrained(repo_id="acme/llama-gguf", filename="*q4_0.gguf")
ct = CT.from_pretrained("acme/ct-ggml", model_file="x.bin")
whisper = WhisperModel("large-v3")
own_whisper = WhisperModel("acme/faster-whisper")
mlx_model, mlx_tokenizer = load("mlx-acme/mlx-4bit")
