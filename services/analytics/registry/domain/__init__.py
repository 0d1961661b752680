"""What is counted and by what it is split: every measure, rate and dimension is one entry here.

Columns, SQL, roll-ups, documents, response schemas, command lines and docs/figures.md follow from
these entries.
"""
