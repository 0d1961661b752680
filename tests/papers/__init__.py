"""Papers, case files and lists as files people open."""
