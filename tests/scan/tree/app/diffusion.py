import torch
from diffusers import ControlNetModel, DiffusionPipeline, StableDiffusionXLPipeline

pipe = DiffusionPipeline.from_pretrained("acme/diffusion", revision="fp16", torch_dtype=torch.float16)
control = ControlNetModel.from_pretrained("acme/controlnet")
pipe.load_lora_weights("acme/style-lora", weight_name="style.safetensors")
pipe.load_ip_adapter("acme/ip-adapter", subfolder="models", weight_name="ip.bin")
single = StableDiffusionXLPipeline.from_single_file("https://huggingface.co/acme/single-file/blob/main/xl.safetensors")
