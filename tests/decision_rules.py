"""How the repository cites its decisions: each cited record exists, and nothing else is cited."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import PurePath

FOLDER = "docs/decisions/"
INDEX = f"{FOLDER}README.md"

RECORD = re.compile(r"docs/decisions/(\d{4})-[a-z0-9-]+\.md")
HEADING = re.compile(r"\A# (\d{4}) (.+)\n\nDate: \d{4}-\d\d-\d\d\n+Status: (\S.*)\n\n")
STATUS = re.compile(r"(?:accepted|superseded by (\d{4}))(?:[;,] .+)?")

CITED = re.compile(r"\bdecisions?(?: |/)(\d{4}(?:(?:, | and |/)\d{4})*)")
OLD_FORMS = re.compile(
    r"\bdecisions? (?!\d{4}\b)\d+\b|\bDL ?\d+\b|\btraps? \d+|\breliability [A-Z]?\d"
    r"|\bdesign notes?\b|\bsecurity table\b|\([SPHF]\d{1,2}[,)]"
)
"""Ways to cite lists that stand nowhere in the repository."""
DOCUMENT = re.compile(r"(?<![\w/*.{<-])((?:[\w.-]+/)*[A-Za-z][\w.-]*\.md)\b")

PLACE = re.compile(
    r"(?<![\w/.-])((?:services|shared|tests|scripts|deploy|migrations|bench|contracts)/[\w{},.*/-]*[\w}*/])"
)
BRACES = re.compile(r"\{([^{}]*)\}")

Texts = Mapping[str, str]


def records(texts: Texts) -> dict[str, str]:
    """Number to path of every record."""
    found = ((RECORD.fullmatch(path), path) for path in texts)
    return {match[1]: path for match, path in found if match}


def _at(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def missing_records(texts: Texts) -> Iterator[str]:
    """Citations of records that are not there; inside the records a bare number is one, too."""
    known = records(texts)
    for path, text in texts.items():
        cited = [
            (match.start(), number)
            for match in CITED.finditer(text)
            for number in re.findall(r"\d{4}", match[1])
        ]
        if path.startswith(FOLDER):
            cited += [(match.start(), match[1]) for match in re.finditer(r"\b(00\d\d)\b", text)]
        for place, number in cited:
            if number not in known:
                yield f"{path}:{_at(text, place)}: there is no decision {number}"


def old_forms(texts: Texts) -> Iterator[str]:
    """Citations of lists outside the repository."""
    for path, text in texts.items():
        for match in OLD_FORMS.finditer(text):
            yield f"{path}:{_at(text, match.start())}: {match[0]!r} cites no record"


def missing_documents(texts: Texts) -> Iterator[str]:
    """Names of Markdown files of ours that are nowhere."""
    names = {path.rsplit("/", 1)[-1] for path in texts if path.endswith(".md")}
    for path, text in texts.items():
        for match in DOCUMENT.finditer(text):
            if match[1].rsplit("/", 1)[-1] not in names:
                yield f"{path}:{_at(text, match.start())}: there is no {match[1]}"


def _places(pattern: str) -> Iterator[str]:
    braces = BRACES.search(pattern)
    if braces is None:
        yield pattern.rstrip("/")
        return
    for part in braces[1].split(","):
        yield from _places(f"{pattern[: braces.start()]}{part}{pattern[braces.end() :]}")


def missing_places(texts: Texts) -> Iterator[str]:
    """Files and folders of ours that the documents name and nobody finds."""
    there = {*texts, *(str(folder) for path in texts for folder in PurePath(path).parents)}
    for path, text in texts.items():
        if not path.endswith(".md") or path == "CHANGELOG.md":
            continue
        for match in PLACE.finditer(text):
            for place in _places(match[1]):
                if place not in there and not any(fnmatch(path, place) for path in there):
                    yield f"{path}:{_at(text, match.start())}: there is no {place}"


def badly_headed(texts: Texts) -> Iterator[str]:
    """Records without number, title, date and status, or superseded by none that exists."""
    known = records(texts)
    for number, path in known.items():
        heading = HEADING.match(texts[path])
        if heading is None or heading[1] != number:
            yield f"{path}: wants '# {number} Title', then 'Date: YYYY-MM-DD' and 'Status: …'"
            continue
        status = STATUS.fullmatch(heading[3])
        if status is None or (status[1] and status[1] not in known):
            yield f"{path}: status is 'accepted' or 'superseded by 00NN', not {heading[3]!r}"


def index_of(texts: Texts) -> str:
    """What docs/decisions/README.md must say, from the headings of the records."""
    lines = [
        "# Decisions",
        "",
        "Short records of choices that shape the code. Change one only with a better reason,",
        "written as a new record. `make decisions` writes this table from the records' headings.",
        "",
        "| | | status | date |",
        "|---|---|---|---|",
    ]
    for number, path in sorted(records(texts).items()):
        title, *rest = texts[path].split("\n")
        said = dict(line.split(": ", 1) for line in rest[:4] if ": " in line)
        lines.append(
            f"| [{number}]({path.removeprefix(FOLDER)}) | {title[7:]}"
            f" | {said.get('Status', '')} | {said.get('Date', '')} |"
        )
    return "\n".join(lines) + "\n"
