FROM vllm/vllm-openai:v0.9
CMD ["--model", "h/imagecmd"]
