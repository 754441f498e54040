"""The one database: its engine, its tables, the unit of work, and how it came to its present form."""
