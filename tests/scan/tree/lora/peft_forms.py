from peft import AutoPeftModelForCausalLM, PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("acme/lora-base")
model = PeftModel.from_pretrained(base, "acme/adapter", revision="v3")
auto = AutoPeftModelForCausalLM.from_pretrained("acme/auto-adapter")
