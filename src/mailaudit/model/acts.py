"""What a line does in the life of a message, as far as linking must know (see `link.lives`)."""

from __future__ import annotations

from typing import Final

BEGIN: Final = 1
"""A queue id is given out: `client=`, `uid=`."""
IDENT: Final = 2
"""The Message-ID becomes known: a message without a client (a notice) begins here."""
QUEUED: Final = 3
"""The message is in the queue: sender, size and recipients are known; repeats at every retry."""
TRIED: Final = 4
"""Something happened to a recipient."""
TOLD: Final = 5
"""Anything else said of the message."""
END: Final = 6
"""The queue id is free again."""
WHOLE: Final = 7
"""One line accepts the whole message (sendmail, Exim): its ids are not reused, so it never divides lives."""
HELD: Final = 8
"""The message waits on hold, for as long as the operator likes."""
HELD_AT_ONCE: Final = 9
"""It is put on hold as it comes in: it is accepted then, not when it is released."""
RANDOM: Final = 10
"""The whole message is accepted, maybe by a line for each recipient, under a random id: some day it comes back."""
