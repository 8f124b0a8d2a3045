"""What is kept in SQL: one file per aggregate, rows apart from domain values."""
