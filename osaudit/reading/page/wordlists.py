"""Long lists of words that the reading goes by."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# generic tools: a link to one of them is no recipe of a model
FRAMEWORKS = _words(
    """
    huggingface/transformers huggingface/diffusers huggingface/peft huggingface/trl huggingface/accelerate
    huggingface/datasets huggingface/tokenizers huggingface/optimum huggingface/text-generation-inference
    huggingface/evaluate huggingface/candle huggingface/pytorch-image-models rwightman/pytorch-image-models
    huggingface/alignment-handbook huggingface/safetensors huggingface/transformers.js xenova/transformers.js
    nvidia/megatron-lm microsoft/deepspeed deepspeedai/deepspeed microsoft/megatron-deepspeed
    bigscience-workshop/megatron-deepspeed bigscience-workshop/petals vllm-project/vllm sgl-project/sglang
    ggerganov/llama.cpp ggml-org/llama.cpp ggerganov/ggml ggerganov/whisper.cpp ggml-org/whisper.cpp
    nvidia/tensorrt-llm nvidia/nemo nvidia/nemo-aligner internlm/lmdeploy internlm/xtuner
    eleutherai/lm-evaluation-harness eleutherai/gpt-neox open-compass/opencompass internlm/opencompass
    pytorch/pytorch pytorch/fairseq facebookresearch/fairseq pytorch/torchtune tensorflow/tensorflow
    tensorflow/models tensorflow/tensor2tensor google/jax jax-ml/jax google/flax google-research/t5x
    google-research/text-to-text-transfer-transformer google/maxtext google/seqio google/trax
    ukplab/sentence-transformers axolotl-ai-cloud/axolotl openaccess-ai-collective/axolotl hiyouga/llama-factory
    unslothai/unsloth lm-sys/fastchat tloen/alpaca-lora oobabooga/text-generation-webui koboldai/koboldai-client
    lostruins/koboldcpp ollama/ollama panqiwei/autogptq autogptq/autogptq casper-hansen/autoawq
    mit-han-lab/llm-awq ist-daslab/gptq qwopqwop200/gptq-for-llama oobabooga/gptq-for-llama turboderp/exllama
    turboderp/exllamav2 dao-ailab/flash-attention hazyresearch/flash-attention timdettmers/bitsandbytes
    nvidia/apex automatic1111/stable-diffusion-webui invoke-ai/invokeai comfyanonymous/comfyui gradio-app/gradio
    kohya-ss/sd-scripts bmaltais/kohya_ss linaqruf/kohya-trainer thelastben/fast-stable-diffusion
    shivamshrirao/diffusers xavierxiao/dreambooth-stable-diffusion victorchall/everydream-trainer
    victorchall/everydream2trainer google/sentencepiece openai/whisper openai/tiktoken openai/clip
    mlfoundations/open_clip mlfoundations/open_flamingo speechbrain/speechbrain espnet/espnet k2-fsa/icefall
    k2-fsa/sherpa asteroid-team/asteroid coqui-ai/tts tensorspeech/tensorflowtts flairnlp/flair explosion/spacy
    explosion/spacy-models stanfordnlp/stanza allenai/allennlp deepset-ai/haystack deepset-ai/farm
    adapter-hub/adapters adapter-hub/adapter-transformers marian-nmt/marian marian-nmt/marian-dev
    opennmt/ctranslate2 opennmt/opennmt-py open-mmlab/mmdetection
    ultralytics/yolov5 ultralytics/ultralytics wongkinyiu/yolov7 meituan/yolov6 keras-team/keras
    keras-team/keras-io fastai/fastai lightning-ai/lightning pytorchlightning/pytorch-lightning mosaicml/composer
    mosaicml/llm-foundry mosaicml/streaming dlr-rm/stable-baselines3 dlr-rm/rl-baselines3-zoo
    stable-baselines-team/stable-baselines3-contrib vwxyzjn/cleanrl unity-technologies/ml-agents
    alex-petrenko/sample-factory toni-sm/skrl langchain-ai/langchain hwchase17/langchain arcee-ai/mergekit
    cg123/mergekit ml-explore/mlx ml-explore/mlx-examples ml-explore/mlx-lm apple/coremltools
    microsoft/onnxruntime onnx/onnx intel/neural-compressor huggingface/optimum-intel facebookresearch/xformers
    facebookresearch/metaseq facebookresearch/faiss facebookresearch/detectron2 google-research/bert
    google-research/electra embeddings-benchmark/mteb kimiyoung/transformer-xl castorini/pyserini
    castorini/anserini sigstore/model-transparency huggingface/diffusion-models-class huggingface/deep-rl-class
    huggingface/hub-docs nateraw/huggingpics huggingface/blog huggingface/notebooks huggingface/course
    bigcode-project/bigcode-evaluation-harness google/big-bench huggingface/lighteval openai/human-eval
    openai/evals
    """
)

# tags by which a card's metadata names a general library or the trainer that wrote the card
LIBRARY_TAGS = _words(
    """
    transformers pytorch tensorflow tf jax flax keras tf-keras diffusers timm autotrain autonlp adapter-transformers
    sentence-transformers setfit spacy flair stanza fastai speechbrain espnet nemo fairseq stable-baselines3 ml-agents
    unity-ml-agents sample-factory cleanrl allennlp paddlepaddle paddlenlp sklearn scikit-learn skops xgboost peft trl
    mlconsole open_clip asteroid pyannote pyannote-audio mindspore mergekit axolotl unsloth generated_from_trainer
    generated_from_keras_callback coqui-tts pytorch-lightning
    """
)

# names of the loaders with which a data set is read from a folder or a file: no data set has them
LOADERS = _words(
    "imagefolder audiofolder videofolder generator csv json jsonl text parquet pandas arrow webdataset null none "
    "custom unknown private"
)

# words that stand before "dataset" or "corpus" without naming one
NO_DATA_NAMES = _words(
    """
    offline generic mt lm mlm nli sts ocr pos rl rlhf sft dpo ppo trl html sql usd vqa slu kd english-only multi-task
    the this that these those our my your its their a an all each some any other another same such both following
    above below new old own unknown none custom private public large larger small smaller big huge massive diverse
    various different several many multiple more most single full whole entire total final raw clean cleaned
    filtered curated annotated labeled labelled unlabeled unlabelled synthetic generated original open-source open
    proprietary internal external in-house high-quality quality training train pre-training pretraining
    fine-tuning finetuning evaluation eval test testing validation dev development text image images audio video
    speech code web internet online social-media news domain in-domain domain-specific task task-specific specific
    general generic english german french chinese spanish italian dutch russian japanese korean arabic portuguese
    turkish hindi polish swedish finnish danish norwegian czech greek hungarian romanian vietnamese thai
    indonesian persian hebrew ukrainian catalan basque bengali tamil urdu multilingual monolingual bilingual
    cross-lingual parallel balanced unbalanced imbalanced ai nlp llm qa ner asr tts ml json csv gpu tpu api model
    models target source base baseline subset user instruction instruction-following chat conversational dialogue
    medical clinical legal financial biomedical scientific math mathematical reasoning preference human
    human-annotated machine-translated translated real real-world publicly available state-of-the-art dataset
    datasets data corpus combined mixed merged similar benchmark given aforementioned first second third two three
    four five six eight ten additional extra latest previous current downstream self-supervised supervised
    unsupervised semi-supervised weakly-supervised well-known popular standard common non-english low-resource
    question-answering text-to-image image-text text-image word-level token-level sentence-level document-level
    multi-lingual pre-trained fine-tuned we it as in on for to with from using and or when where while also
    however here there if no not after before since moreover finally next then note please see details information
    january february march april may june july august september october november december
    imagefolder generator time big-data black-box long-form short-form large-scale small-scale web-scale
    """
)
