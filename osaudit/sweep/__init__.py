"""Many models, and the store that keeps what was found of them: nothing lost, nothing twice.

`osaudit sweep` looks and judges chunk by chunk and writes each chunk as Parquet parts; `osaudit store` reads them. Both
need the extra `sweep` (DuckDB and PyArrow), which is imported when a store is opened and not before.
"""
