"""Codes of papers: how one is delivered, what it is printed as."""

from __future__ import annotations

from shared.vocabulary.term import Term


class DeliveryMethod(Term):
    """送达方式."""

    IN_PERSON = "in_person", "当面送达"
    POST = "post", "邮寄送达"
    ONLINE = "online", "网上送达"
    PHONE = "phone", "电话告知"
    OTHER = "other", "其他方式"


class Format(Term):
    """What a paper is printed as."""

    PDF = "pdf", "PDF 文件"
    DOCX = "docx", "Word 文档"
