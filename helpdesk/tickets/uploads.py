"""The files of one form: those that came with it before, by their tokens, and those that come now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import FileStorage

from helpdesk.core.i18n import _
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.upload import BadFile, Upload, numbered, shown_name

MOST_TOKENS = 100


@dataclass
class Uploads:
    """What was taken, and a sentence for everything that was not. What was taken is never lost by the rest."""

    taken: list[Upload] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # of files that were here once

    @classmethod
    def gather(
        cls, files: Sequence[FileStorage], owner: str, tokens: Sequence[str] = (), dropped: Sequence[str] = ()
    ) -> "Uploads":
        """Take the files of a form of this owner; `dropped` are digests of those he does not want any more."""
        uploads, most = cls(), Organizer.present().most_files
        for token in tokens[:MOST_TOKENS]:
            uploads._remember(Upload.read(token, owner), dropped)
        left = [file for file in files if not (len(uploads.taken) < most and uploads._receive(file))]
        if left or len(uploads.taken) > most:
            uploads.problems.append(_("At most %(n)s files can be attached.", n=most))
        if left:
            names = ", ".join(f"“{shown_name(file.filename)}”" for file in left)
            uploads.problems.append(_("These were left out: %(names)s.", names=names))
        return uploads

    def _receive(self, file: FileStorage) -> bool:
        try:
            self._add(Upload.receive(file))
        except BadFile as bad:
            self.problems.append(bad.message)
        return True

    def _remember(self, upload: Upload | None, dropped: Sequence[str]) -> None:
        if upload is None:
            self.lost.append(_("A file is no longer here. Attach it again."))
        elif upload.digest in dropped:
            return
        elif not upload.stays():
            self.lost.append(_("“%(name)s” is no longer here. Attach it again.", name=upload.name))
        else:
            self._add(upload)

    def _add(self, upload: Upload) -> None:
        """The same file twice is one; another one of the same name gets a number."""
        if any((other.key, other.name) == (upload.key, upload.name) for other in self.taken):
            return
        names, name, number = {other.name for other in self.taken}, upload.name, 1
        while name in names:
            number += 1
            name = numbered(upload.name, number)
        self.taken.append(replace(upload, name=name))

    def with_tokens(self, owner: str) -> list[tuple[Upload, str]]:
        """What was taken and is still there, each with the text by which the form brings it along."""
        return [(upload, upload.token(owner)) for upload in self.taken if upload.stays()]
