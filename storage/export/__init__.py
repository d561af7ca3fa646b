"""The public views as files that others open: a folder of Parquet, CSV, JSON lines or Excel sheets, with its provenance.

`run` is the whole of it: `views` says what is exported, `files`, `workbook` and `partitions` how it is written,
`provenance` what is said of it, `folder` how a reader sees the export before or the one after.
"""
