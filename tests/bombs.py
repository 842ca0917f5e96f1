"""Makes the nine PDF bombs of the tests: a few kilobytes that want minutes, gigabytes or endless recursion."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path


def pdf(objects: dict[int, bytes]) -> bytes:
    """A PDF of the numbered objects; object 1 is the catalogue."""
    parts, places, at = [b"%PDF-1.7\n"], {}, 9
    for number, content in objects.items():
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, content))
        places[number] = at
        at += len(parts[-1])
    size = max(objects) + 1
    rows = [b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n" for n in range(size)]
    parts.append(
        b"xref\n0 %d\n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, b"".join(rows), size, at)
    )
    return b"".join(parts)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), entries, data)


def one_page(
    content: bytes, *, box: bytes = b"0 0 612 792", resources: bytes = b"", more: dict[int, bytes] | None = None
) -> bytes:
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [%b] /Contents 4 0 R " % box
            + b"/Resources << /Font << /F 5 0 R >> %b >> >>" % resources,
            4: content,
            5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            **(more or {}),
        }
    )


def flate_of_repeats(head: bytes, unit: bytes, times: int, tail: bytes) -> bytes:
    """Nearly ``zlib.compress(head + unit * times + tail)``, made at once from one compressed block.

    The checksum at the end is wrong, which a reader sees only when it has unpacked everything.
    """
    packer = zlib.compressobj(9)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    per_block = 2**24 // len(unit)
    block = packer.compress(unit * per_block) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * (times // per_block) + packer.compress(tail) + packer.flush()


def double_flate() -> bytes:
    once = flate_of_repeats(b"BT /F 8 Tf 9 700 Td ", b"(bomb) Tj ", 40_000_000, b"ET")
    return one_page(stream(zlib.compress(once, 9), b"/Filter [/FlateDecode /FlateDecode]"))


def gigabyte_of_text() -> bytes:
    content = flate_of_repeats(b"BT /F 8 Tf 9 700 Td ", b"(bomb) Tj ", 100_000_000, b"ET")
    return one_page(stream(content, b"/Filter /FlateDecode"))


def spaces() -> bytes:
    content = flate_of_repeats(b"BT /F 8 Tf 9 700 Td (bomb) Tj ET", b" " * 64, 2**26, b"")
    return one_page(stream(content, b"/Filter /FlateDecode"))


def nested_forms() -> bytes:
    """Each of 28 forms draws the next one twice: 2^28 drawings."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] "
    form += b"/Resources << /Font << /F 5 0 R >> /XObject << /X %d 0 R >> >>"
    more = {10 + n: stream(b"/X Do /X Do", form % (11 + n)) for n in range(28)}
    more[38] = stream(b"BT /F 8 Tf 9 700 Td (bomb) Tj ET", form % 38)
    return one_page(stream(b"/X Do"), resources=b"/XObject << /X 10 0 R >>", more=more)


def huge_image() -> bytes:
    data = flate_of_repeats(b"", b"\x55" * 200, 40_000 * 200, b"")
    entries = b"/Type /XObject /Subtype /Image /Width 40000 /Height 40000 /ColorSpace /DeviceGray /BitsPerComponent 8"
    image = stream(data, entries + b" /Filter /FlateDecode")
    content = stream(b"q 500 0 0 500 50 200 cm /I Do Q BT /F 12 Tf 50 700 Td (A page with a picture.) Tj ET")
    return one_page(content, resources=b"/XObject << /I 10 0 R >>", more={10: image})


def huge_page() -> bytes:
    return one_page(stream(b"BT /F 12 Tf 50 700 Td (A very large page.) Tj ET"), box=b"0 0 2000000 2000000")


def page_loop() -> bytes:
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>",
        }
    )


def many_kids() -> bytes:
    kids = b" ".join([b"3 0 R"] * 100_000)
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [%b] /Count 100000 >>" % kids,
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
        }
    )


def deep_array() -> bytes:
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /Names %b%b >>" % (b"[" * 200_000, b"]" * 200_000),
            2: b"<< /Type /Pages /Kids [] /Count 0 >>",
        }
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "double-flate": double_flate,
    "gigabyte-of-text": gigabyte_of_text,
    "spaces": spaces,
    "nested-forms": nested_forms,
    "huge-image": huge_image,
    "huge-page": huge_page,
    "page-loop": page_loop,
    "many-kids": many_kids,
    "deep-array": deep_array,
}


def write_bombs(folder: Path) -> list[Path]:
    paths = []
    for name, make in BOMBS.items():
        path = folder / f"{name}.pdf"
        path.write_bytes(make())
        paths.append(path)
    return paths
