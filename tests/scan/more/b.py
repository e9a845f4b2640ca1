import spacy, whisper, datasets, timm, torch
from transformers import pipeline, AutoProcessor
from langchain_community.embeddings import HuggingFaceBgeEmbeddings, HuggingFaceEmbeddings
from langchain.llms import HuggingFaceHub
from llama_index.core import Settings
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from vllm import LLM as Engine, SamplingParams
from openai import OpenAI
from huggingface_hub import InferenceClient
import huggingface_hub as hh
from gliner import GLiNER
from peft import PeftModel, PeftConfig, LoraConfig
from setfit import SetFitModel
from flair.embeddings import TransformerWordEmbeddings
Settings.embed_model = HuggingFaceEmbedding("h/li-pos")   # h/li-pos
Settings.llm = "local:h/li-local"  # h/li-local
bge = HuggingFaceBgeEmbeddings(model_name="h/bge", model_kwargs={"device": "cpu"})  # h/bge
hub = HuggingFaceHub(repo_id="h/lchub")   # h/lchub
e = Engine("h/vllm-pos", revision="main") # h/vllm-pos
sentiment = pipeline("sentiment-analysis")
p2 = pipeline(model="h/pipe-only")        # h/pipe-only
p3 = pipeline("ner", "h/pipe-3", tokenizer="h/pipe-tok")  # h/pipe-3 h/pipe-tok
nlp = spacy.load("en_core_web_sm")
w = whisper.load_model("base")
net = timm.create_model("resnet50", pretrained=True)
g = GLiNER.from_pretrained("h/gliner")    # h/gliner
c = InferenceClient("h/infer")            # h/infer
c.text_generation("hello", model="h/infer-call") # h/infer-call
cl = InferenceClient(provider="together")
r = cl.chat.completions.create(model="h/infer-cc", messages=[]) # h/infer-cc
oa = OpenAI(base_url="https://router.huggingface.co/v1")
r = oa.chat.completions.create(model="h/router:fast", messages=[])  # h/router
oa2 = OpenAI()
oa2.chat.completions.create(model="openai/gpt-oss-x", messages=[])
ds = datasets.load_dataset("squad")      # squad
ds2 = datasets.load_dataset("h/data", revision="main", split="train") # h/data
ds3 = datasets.load_dataset("parquet", data_files="hf://datasets/h/pq@v1/x.parquet") # h/pq
hh.hf_hub_download("h/hh", "f.bin")       # h/hh
hh.HfApi().hf_hub_download("h/hhapi", filename="f")  # h/hhapi
tw = TransformerWordEmbeddings("bert-base-uncased")  # bert-base-uncased
cfg = PeftConfig.from_pretrained("h/peftcfg")  # h/peftcfg
base = pipeline("x", model=cfg.base_model_name_or_path)
torch.hub.load("pytorch/vision", "resnet50")
url = "https://huggingface.co/h/url/resolve/main/m.onnx"  # h/url
doc = "https://huggingface.co/h/page"
raise_ = "see https://huggingface.co/h/prose/resolve/main/x for more"
x = AutoProcessor.from_pretrained("microsoft/foo")  # microsoft/foo
y = some.thing.from_pretrained("h/unknown-owner")  # h/unknown-owner
import tools as U
import yaml
SIZE = "7b"
U.exec_command(f"huggingface-cli download h/exec-{SIZE} --local-dir x")  # h/exec-7b
U.exec_command("echo h/echoed")
cfg = yaml.safe_load(open("c.yaml"))
z = AutoProcessor.from_pretrained(cfg.get("model", "h/get-default"))  # h/get-default
z2 = AutoProcessor.from_pretrained(cfg["model"])
from efficientnet_pytorch import EfficientNet
eff = EfficientNet.from_pretrained("efficientnet-b0")
own = SomeModel.from_pretrained("gpt2")  # gpt2
mine = AutoProcessor.from_pretrained("checkpoints/best")
