"""Categories 内容分类 read from the words of a petition."""
