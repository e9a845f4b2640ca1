"""A Hub on the loopback interface, for the unmodified huggingface_hub client: see `server.LoopbackHub`."""
