"""Progress 办理进度: what the petitioner and staff are shown of a petition."""
