"""The identity vault 身份库: its cipher and its rows."""
