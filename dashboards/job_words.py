"""How jobs are told: chips of their states, errors in plain words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboards.presentation import Chip
from pipeline.choices import ChunkState, JobKind, JobState
from pipeline.selectors.runs import Chunk, Run

# Parts of a technical message and what they mean; the first that fits is told.
PLAIN: tuple[tuple[str, str | Promise], ...] = (
    (
        "three attempts were lost",
        _("The worker stopped three times in the middle: was it killed, or short of memory?"),
    ),
    ("deadlock", _("Two computations waited for each other.")),
    ("could not serialize", _("Something else wrote at the same time.")),
    ("timeout", _("The database took too long. It may be busy with something else.")),
    ("No space left", _("The disk is full. Make room, then run it again.")),
    ("disk full", _("The disk is full. Make room, then run it again.")),
    ("out of memory", _("There was not enough memory.")),
    ("connection", _("The connection to the database was lost.")),
    ("server closed", _("The connection to the database was lost.")),
)
UNKNOWN = _("An error in the program. Run it again; if it comes back, send support this message.")


def in_plain_words(error: str) -> str:
    """What a technical message means for the reader."""
    lowered = error.lower()
    return str(next((text for part, text in PLAIN if part.lower() in lowered), UNKNOWN))


def run_chip(run: Run) -> Chip:
    """A run's state: blue while it runs, a green square, a red diamond."""
    tones = {JobState.OPEN: "blue", JobState.DONE: "green", JobState.FAILED: "red"}
    return Chip(str(run.state.label), tones[run.state])


def chunk_chip(chunk: Chunk) -> Chip:
    """A chunk's state; waiting after a failed attempt is orange."""
    if chunk.state == ChunkState.WAITING and chunk.attempt:
        return Chip(str(_("waits to be tried again")), "orange")
    tones = {
        ChunkState.WAITING: "",
        ChunkState.CLAIMED: "blue",
        ChunkState.DONE: "green",
        ChunkState.QUARANTINED: "red",
    }
    return Chip(str(chunk.state.label), tones[chunk.state])


def kind_title(run: Run) -> str:
    """What was computed."""
    titles = {
        JobKind.DAY: _("The day's computation"),
        JobKind.HISTORY: _("Reconstruction of past months"),
    }
    return str(titles[run.kind])
