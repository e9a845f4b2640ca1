import huggingface_hub
from huggingface_hub import HfApi, InferenceClient, hf_hub_download, snapshot_download

path = hf_hub_download(repo_id="acme/one-file", filename="config.json", revision="0123456789abcdef0123456789abcdef01234567")
folder = snapshot_download("acme/snapshot")
table = hf_hub_download("acme/table", "data.csv", repo_type="dataset")
other = huggingface_hub.snapshot_download(repo_id="acme/by-module")
api = HfApi()
mine = api.snapshot_download("acme/by-api", revision="refs/pr/1")
client = InferenceClient(model="acme/served")
talk = InferenceClient()
talk.chat_completion(messages=[], model="acme/chat")
files = "hf://acme/scheme@v2/weights.bin"
