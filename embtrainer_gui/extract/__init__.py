"""From files to blocks and passages; the only place that touches PyMuPDF. Runs in child processes with limits."""
