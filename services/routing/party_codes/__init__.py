"""Codes by which an opposite party sees its own undertaking 承诺."""
