import litellm
from langchain_huggingface import HuggingFaceEmbeddings, HuggingFaceEndpoint, HuggingFacePipeline
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.llms.huggingface import HuggingFaceLLM

embeddings = HuggingFaceEmbeddings(model_name="acme/lc-embeddings")
pipe = HuggingFacePipeline.from_model_id(model_id="acme/lc-pipeline", task="text-generation")
endpoint = HuggingFaceEndpoint(repo_id="acme/lc-endpoint", task="text-generation")
index = HuggingFaceEmbedding(model_name="acme/li-embedding")
llm = HuggingFaceLLM(model_name="acme/li-llm", tokenizer_name="acme/li-tokenizer")
answer = litellm.completion(model="huggingface/acme/litellm", messages=[])
elsewhere = litellm.completion(model="openai/gpt-4o", messages=[])
