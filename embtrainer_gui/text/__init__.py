"""Small leaves that several layers use: token counts, sentences, BM25, near-duplicates. No torch."""
