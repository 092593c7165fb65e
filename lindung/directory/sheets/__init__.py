"""Spreadsheets of the directory: what each column holds, reading, checking everything before anything is written."""
