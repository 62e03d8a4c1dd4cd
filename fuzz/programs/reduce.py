"""Makes a Go file smaller while a test holds: whole statements go, largest first.

It knows only that a statement is a line, or the lines from one that ends in `{` to the one that closes it.
"""


def reduce(text, holds, limit=250):
    """The smallest text found with at most `limit` tests."""
    lines = text.split("\n")
    tries = 0
    size = max(len(lines) // 2, 1)
    while tries < limit:
        changed = False
        for start, end in sorted(spans(lines), key=lambda s: s[0] - s[1]):
            if end - start > size or end > len(lines):
                continue
            for candidate in (lines[:start] + lines[end:], lines[:start] + lines[start + 1:end - 1] + lines[end:]):
                if candidate == lines or tries >= limit or (end - start == 1 and candidate is None):
                    continue
                tries += 1
                if holds("\n".join(candidate)):
                    lines, changed = candidate, True
                    break
                if end - start < 3:
                    break
            if changed:
                break
        if not changed:
            if size == 1:
                break
            size = max(size // 2, 1) if not any(end - start <= size // 2 for start, end in spans(lines)) else size // 2
            size = max(size, 1)
    return "\n".join(lines)


def spans(lines):
    """Statements as (first line, line after the last), nested ones too."""
    found, open_at = [], []
    for i, line in enumerate(lines):
        s = line.strip()
        if not s or s.startswith(("package", "import")):
            continue
        closes = s.startswith(("}", ")"))
        opens = s.endswith(("{", "("))
        if closes and open_at:
            start = open_at.pop()
            if opens:
                open_at.append(start)
            else:
                found.append((start, i + 1))
        elif opens:
            open_at.append(i)
        else:
            found.append((i, i + 1))
    return found
