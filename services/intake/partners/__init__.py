"""Partners 对接系统: county systems that push petitions."""
