"""The announcement: everybody who is to be told of some events is told, on the screen and by mail."""

from collections.abc import Iterable

from helpdesk.core.events import Event
from helpdesk.core.memory import remembering
from helpdesk.notifications.audience import Audience
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.lane import Lane
from helpdesk.notifications.notification import Notification
from helpdesk.notifications.preference import Preference


class Announcement:
    """Of several events, in their order. Twice is quiet."""

    @staticmethod
    def of(events: Iterable[Event]) -> list[Lane]:
        """Put them to the bells and plan the mails. Answers by which lanes there is something to send now."""
        Batch.begin()
        ready: set[int | None] = set()
        with remembering():
            audiences = Audience.of_all(list(events))
            wanted = Preference.of_all(id for audience in audiences for id in audience.user_ids)
            Notification.foresee(audiences)
            Delivery.foresee_plans(audiences)
            for audience in audiences:
                Notification.plan(audience, wanted)
                ready |= Delivery.plan(audience, wanted)
        return Lane.carrying(ready)
