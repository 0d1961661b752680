"""Papers, case files and lists: plain values in, bytes of PDF, .docx or .xlsx out. No database."""
