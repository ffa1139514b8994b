"""The only code that knows SQL: tables, and one function a question. SQLite and PostgreSQL."""
