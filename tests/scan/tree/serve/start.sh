#!/usr/bin/env bash
set -euo pipefail
MODEL="acme/shell-variable"
vllm serve "$MODEL" --max-model-len 4096
huggingface-cli download acme/cli-download --revision v1
hf download acme/hf-download --revision 0123456789abcdef0123456789abcdef01234567 --local-dir ./weights
hf download acme/hf-data --repo-type dataset
git clone https://huggingface.co/acme/cloned
ollama run hf.co/acme/ollama-gguf:Q4_K_M
text-generation-launcher --model-id acme/tgi --port 80
text-embeddings-router --model-id acme/tei \
  --revision refs/pr/5
python -m vllm.entrypoints.openai.api_server --model acme/api-server
llama-server -hf acme/llama-server:Q8_0
wget https://huggingface.co/acme/fetched/resolve/v1.2/model.gguf
vllm serve "${1}"
echo "not/a-model"
