"""Casework 办理: the acts of organs on a case, and the interface of cases."""
