"""The project's own ruler: ratios against ceilings taken in the same run (docs/performance.md)."""
