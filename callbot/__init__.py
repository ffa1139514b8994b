"""callbot: Korean AI welfare calls (AI 안부전화). Architecture: docs/architecture.md."""

__version__ = "0.1.0"
