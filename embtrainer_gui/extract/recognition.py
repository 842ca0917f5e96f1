"""What recognised pages are kept under (see ``core.store.read_pages``); light, for the process that keeps them."""

from __future__ import annotations

OCR = "ocr"
MODELS = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}
SETTINGS = f"{MODELS['Rec']} 1"  # the number is raised when ``ocr`` reads a page otherwise than before
