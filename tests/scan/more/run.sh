export HF_HOME=/x
MODELS=(h/arr-a h/arr-b)
for m in "${MODELS[@]}"; do
  huggingface-cli download "$m" --local-dir "models/$m"   # h/arr-a h/arr-b
done
docker run --gpus all -p 8000:8000 vllm/vllm-openai:latest --model h/docker-run --dtype auto  # h/docker-run
docker run -e MODEL_ID=h/docker-e ghcr.io/huggingface/text-generation-inference:2.0  # h/docker-e
docker run ghcr.io/huggingface/text-embeddings-inference:cpu-1.5 --model-id=h/docker-tei  # h/docker-tei
CUDA_VISIBLE_DEVICES=0 python3 -m vllm.entrypoints.openai.api_server --model="h/vllm-eq" # h/vllm-eq
python train.py --model_name_or_path h/train-arg --dataset_name h/train-data  # h/train-arg h/train-data
accelerate launch --num_processes 8 sft.py \
    --model_name_or_path h/acc \
    --model_revision v3
uv run vllm serve h/uvrun    # h/uvrun
if [ -n "$X" ]; then vllm serve ${MODEL_NAME:-h/dflt}; fi   # h/dflt h/k8s-var
git lfs clone https://huggingface.co/h/lfs   # h/lfs
git clone --depth 1 git@hf.co:h/ssh   # h/ssh
GIT_LFS_SKIP_SMUDGE=1 git clone https://huggingface.co/datasets/h/gitdata  # h/gitdata
curl -L -o m.gguf "https://huggingface.co/h/curl/resolve/abc1234/m.gguf?download=true"  # h/curl
./llama-cli -hf h/cli-gguf -p "hi"   # h/cli-gguf
hf download h/two model.safetensors --revision=refs/pr/2   # h/two
vllm serve --trust-remote-code h/flagfirst   # h/flagfirst
ollama pull huggingface.co/h/olla   # h/olla
lm_eval --model hf --model_args pretrained=h/lmeval,revision=step1000,dtype=float --tasks x  # h/lmeval
mlx_lm.generate --model h/mlx --prompt x   # h/mlx
optimum-cli export onnx --model h/opt out/   # h/opt
nohup text-generation-launcher --model-id h/nohup > log 2>&1 &   # h/nohup
cat > Modelfile <<END
FROM hf.co/h/inheredoc
END
pip install https://huggingface.co/h/pipwhl/resolve/main/x-py3-none-any.whl   # h/pipwhl
sbatch --wrap "vllm serve h/wrap"
huggingface-cli repo create h/created
hf upload h/uploaded ./x
TGI_MODEL=h/at-first
while true; do case "$1" in --model) TGI_MODEL=$2; shift 2;; *) break;; esac; done
text-generation-launcher --model-id "$TGI_MODEL"   # h/at-first
