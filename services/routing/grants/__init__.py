"""Case grants 授权凭据: who may ask intake for an identity, signed."""
