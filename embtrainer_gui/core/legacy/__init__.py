"""The predecessor's configs, text folders and progress files, read and written unchanged."""
