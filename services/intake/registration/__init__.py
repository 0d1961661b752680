"""Registration 登记: a petition is filed and gets its receipt."""
