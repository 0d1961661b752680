"""The registry 指标: measures and dimensions, each defined once."""
