import open_clip
import timm
from datasets import load_dataset
from flair.models import SequenceTagger
from optimum.onnxruntime import ORTModelForSequenceClassification
from setfit import SetFitModel
from trl import SFTTrainer
from unsloth import FastLanguageModel

clip, _, preprocess = open_clip.create_model_and_transforms("hf-hub:acme/open-clip")
net = timm.create_model("hf_hub:acme/timm-net", pretrained=True)
other = timm.create_model("hf-hub:acme/timm-other@v1", pretrained=True)
tagger = SequenceTagger.load("acme/flair-ner")
onnx = ORTModelForSequenceClassification.from_pretrained("acme/optimum", export=True)
few = SetFitModel.from_pretrained("acme/setfit")
data = load_dataset("acme/corpus", "en", split="train", revision="2024-01")
rows = load_dataset("csv", data_files="rows.csv")
trainer = SFTTrainer(model="acme/trl-base", train_dataset=data)
fast, tok = FastLanguageModel.from_pretrained(model_name="acme/unsloth-4bit", load_in_4bit=True)
