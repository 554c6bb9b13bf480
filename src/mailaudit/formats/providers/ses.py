"""Amazon SES: event publishing and identity notifications (SNS, Firehose, SQS, EventBridge), message insights, VDM CSV.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-firehose-contents.html
https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetMessageInsights.html

One record tells of one message and one event; bounces, complaints, deliveries and delays name the recipients that they
are about, which may be fewer than the message has. Opens and clicks do not say whose they are. There is no record per
attempt. A `Transient` bounce is an end, too: SES has given up.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import (
    OTHER,
    SNAPSHOT,
    Fields,
    Provider,
    Shape,
    at,
    cell,
    columns,
    first,
    joined,
    listed,
    mapping,
    objects,
    word,
)
from mailaudit.read.decode import decoded


class Event(TypedDict, total=False):
    """One record; beside `mail` it has one object named for the event."""

    eventType: str
    notificationType: str
    mail: dict[str, Any]
    bounce: dict[str, Any]
    complaint: dict[str, Any]
    delivery: dict[str, Any]
    deliveryDelay: dict[str, Any]
    open: dict[str, Any]
    click: dict[str, Any]


EVENTS: dict[str, tuple[str, str, str | None]] = {
    # theirs: the object that tells of it, its list of recipients, our word
    "Send": ("send", "", "accepted"),
    "Delivery": ("delivery", "recipients", "delivered"),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients", "deferred"),
    "Bounce": ("bounce", "bouncedRecipients", "bounced"),
    "Complaint": ("complaint", "complainedRecipients", "complained"),
    "Reject": ("reject", "", "rejected"),
    "Rendering Failure": ("failure", "", "enqueue_failed"),
    "RenderingFailure": ("failure", "", "enqueue_failed"),
    "Open": ("open", "?", "opened"),
    "Click": ("click", "?", "clicked"),
    "Subscription": ("subscription", "", "unsubscribed"),
}
"""`""`: all recipients of the message; `?`: known only if the message has but one."""
BOUNCES = {"permanent": "hard_bounced", "transient": "soft_bounced", "undetermined": "bounced"}
SUPPRESSED = {"suppressed", "onaccountsuppressionlist"}
TEST = "AmazonSnsSubscriptionSucceeded"
"""What SES sends to a topic that is new."""


def _kind(record: Event) -> str:
    return record.get("eventType") or record.get("notificationType") or ""


def is_event(record: Any) -> bool:  # noqa: ANN401 (any record)
    """Tells whether a record is an SES event, in whatever envelope."""
    if record.get("notificationType") == TEST:
        return True
    mail = record.get("mail")
    return isinstance(mail, dict) and "messageId" in mail and ("eventType" in record or "notificationType" in record)


def by_recipient(record: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (any record)
    """One part for each recipient that the record is about; none for mail that came in."""
    kind = _kind(record)
    if kind in ("Received", TEST) or "receipt" in record:
        return []
    mail = record["mail"]
    name, members, _ = EVENTS.get(kind, (kind[:1].lower() + kind[1:], "", None))
    told = mapping(record.get(name))
    whose: list[Any] = listed(told.get(members)) if members not in ("", "?") else listed(mail.get("destination"))
    if members == "?" and len(whose) != 1:
        whose = [None]
    return [
        {"kind": kind, "told": told, "mail": mail, "who": one if isinstance(one, dict) else {"emailAddress": one}}
        for one in whose or [None]
    ]


def event(part: dict[str, Any]) -> str | None:
    """Our word."""
    kind, told = part["kind"], part["told"]
    if kind not in EVENTS:
        return OTHER
    if kind == "Bounce":
        return bounce(told.get("bounceType"), told.get("bounceSubType"))
    if kind == "Complaint":
        if word(told.get("complaintSubType")).lower() in SUPPRESSED:
            return "preblocked"
        return None if told.get("complaintFeedbackType") == "not-spam" else "complained"
    if kind == "Subscription":
        return "unsubscribed" if _opted_out(told) else "resubscribed"
    return EVENTS[kind][2]


def bounce(kind: str | None, sub_kind: str | None) -> str:
    """Our word for a bounce."""
    if word(sub_kind).lower() in SUPPRESSED:
        return "preblocked"
    return BOUNCES.get(word(kind).lower(), "bounced")


def _opted_out(told: dict[str, Any]) -> bool:
    new, old = mapping(told.get("newTopicPreferences")), mapping(told.get("oldTopicPreferences"))
    if new.get("unsubscribeAll"):
        return True
    return bool(_out_of(new) - _out_of(old))


def _out_of(preferences: dict[str, Any]) -> set[Any]:
    topics = [topic for topic in listed(preferences.get("topicSubscriptionStatus")) if isinstance(topic, dict)]
    return {topic.get("topicName") for topic in topics if topic.get("subscriptionStatus") == "OptOut"}


def message_id(part: dict[str, Any]) -> Any:  # noqa: ANN401 (text, if it is as documented)
    """The Message-ID that the application gave, if the record has headers; what SES put in its place is its own id."""
    mail = part["mail"]
    given = mapping(mail.get("commonHeaders")).get("messageId")
    if given and given != mail.get("messageId"):
        return given
    for header in listed(mail.get("headers")):
        if isinstance(header, dict) and str(header.get("name")).lower() == "message-id":
            return header.get("value")
    return None


def first_of(values: object) -> Any:  # noqa: ANN401 (whatever a tag holds)
    """The first value of a tag; the value itself, if it is no list."""
    return values[0] if isinstance(values, list) and values else values


def tags(part: dict[str, Any]) -> dict[str, Any]:
    """The sender's own tags, the first value of each."""
    given = mapping(part["mail"].get("tags"))
    return {name: first_of(values) for name, values in given.items() if not name.startswith("ses:")}


FIELDS: Fields = {
    "time": first(at("told", "timestamp"), at("mail", "timestamp")),
    "raw_event": "kind",
    "event": event,
    "recipient": at("who", "emailAddress"),
    "sender": at("mail", "source"),
    "subject": at("mail", "commonHeaders", "subject"),
    "message_id": message_id,
    "provider_message_id": at("mail", "messageId"),
    "key": at("mail", "messageId"),
    "event_id": at("told", "feedbackId"),
    "enhanced_status": at("who", "status"),
    "reply": first(
        at("who", "diagnosticCode"), at("told", "smtpResponse"), at("told", "errorMessage"), at("told", "reason")
    ),
    "bounce_class": lambda part: (
        joined("bounceType", "bounceSubType")(part["told"])
        or part["told"].get("delayType")
        or part["told"].get("complaintFeedbackType")
        or part["told"].get("complaintSubType")
    ),
    "relay_ip": at("told", "remoteMtaIp"),
    "client_ip": at("mail", "sourceIp"),
    "url": at("told", "link"),
    "vars": tags,
    "stream": lambda part: first_of(mapping(part["mail"].get("tags")).get("ses:configuration-set")),
}

EVENT = Shape("ses-event-publishing", signature=is_event, parts=by_recipient, fields=FIELDS)

SNS_TYPES = {"Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"}


def of_sns(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of the event in a notification; none for a notification of something else."""
    inside = record.get("Message")
    inside = decoded(inside.strip()) if isinstance(inside, str) else inside
    return by_recipient(inside) if isinstance(inside, dict) and is_event(inside) else []


def is_of_topic(record: Any) -> bool:  # noqa: ANN401 (any record)
    """Tells whether a record is what a topic sends, about whatever."""
    return record.get("Type") in SNS_TYPES and "TopicArn" in record and "MessageId" in record


def is_sns(record: Any) -> bool:  # noqa: ANN401 (any record)
    """Tells whether a record is a notification of an SES event or of a topic itself, not of another provider's event.

    A topic may carry anything; what is in it is looked for as text, as decoding would be done twice.
    """
    if not is_of_topic(record):
        return False
    inside = record.get("Message")
    if not isinstance(inside, str) or inside.lstrip()[:1] not in ("{", "["):
        return True
    return '"mail"' in inside and ('"eventType"' in inside or '"notificationType"' in inside)


SNS = Shape(
    "ses-sns",
    signature=is_sns,
    remainder=is_of_topic,
    parts=of_sns,
    fields=FIELDS,
)

INSIGHTS_EVENTS = {
    "SEND": "accepted",
    "DELIVERY": "delivered",
    "DELIVERY_DELAY": "deferred",
    "BOUNCE": "bounced",
    "COMPLAINT": "complained",
    "REJECT": "rejected",
    "RENDERING_FAILURE": "enqueue_failed",
    "OPEN": "opened",
    "CLICK": "clicked",
    "SUBSCRIPTION": "unsubscribed",
}


def by_insight(record: dict[str, Any]) -> list[dict[str, Any]]:
    """One part for each event of each recipient."""
    return [
        {**record, "to": one.get("Destination"), "type": told.get("Type"), "told": told}
        for one in objects(record["Insights"])
        for told in objects(one.get("Events"))
    ]


def insight_event(part: dict[str, Any]) -> str:
    """Our word."""
    if part["type"] == "BOUNCE":
        details = mapping(mapping(part["told"].get("Details")).get("Bounce"))
        return bounce(details.get("BounceType"), details.get("BounceSubType"))
    return INSIGHTS_EVENTS.get(part["type"], OTHER)


def insight_class(part: dict[str, Any]) -> str | None:
    """The bounce's type and sub type."""
    details = mapping(mapping(part["told"].get("Details")).get("Bounce"))
    if details:
        return joined("BounceType", "BounceSubType")(details)
    return at("told", "Details", "Complaint", "ComplaintFeedbackType")(part)  # type: ignore[no-any-return]


INSIGHTS = Shape(
    "ses-message-insights",
    signature=lambda record: "MessageId" in record and isinstance(record.get("Insights"), list),
    parts=by_insight,
    rank=2,
    fields={
        "time": at("told", "Timestamp"),
        "raw_event": "type",
        "event": insight_event,
        "recipient": "to",
        "sender": "FromEmailAddress",
        "subject": "Subject",
        "provider_message_id": "MessageId",
        "reply": at("told", "Details", "Bounce", "DiagnosticCode"),
        "bounce_class": insight_class,
        "vars": lambda part: {
            tag.get("Name"): tag.get("Value")
            for tag in listed(part.get("EmailTags"))
            if isinstance(tag, dict) and not str(tag.get("Name")).startswith("ses:")
        },
    },
)

STATES = {
    "SEND": "accepted",
    "DELIVERY": "delivered",
    "TRANSIENT_BOUNCE": "soft_bounced",
    "PERMANENT_BOUNCE": "hard_bounced",
    "UNDETERMINED_BOUNCE": "bounced",
    "COMPLAINT": "complained",
    "OPEN": "opened",
    "CLICK": "clicked",
}
delivery, engagement = cell("LastDeliveryEvent"), cell("LastEngagementEvent")
sub_type = cell("BounceSubType")


def by_state(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A part for the last state of the delivery, and one for that of the recipient; each may have its own time."""
    told = (
        (
            delivery(record),
            cell("LastDeliveryEventTimestamp")(record),
            sub_type(record),
            cell("DiagnosticCode")(record),
        ),
        (engagement(record), cell("LastEngagementEventTimestamp")(record), None, None),
    )
    return [
        {**record, "#state": state, "#when": when, "#class": kind, "#reply": reply}
        for state, when, kind, reply in told
        if state
    ]


def state(part: dict[str, Any]) -> str:
    """Our word for a last state."""
    if "bounce" in part["#state"].lower() and word(part["#class"]).replace("_", "").lower() in SUPPRESSED:
        return "preblocked"
    return STATES.get(part["#state"].upper(), OTHER)


VDM = Shape(
    "ses-vdm-csv",
    layout="csv",
    signature=columns("messageid", "destination|recipient|to", "lastdeliveryevent"),
    parts=by_state,
    grain=SNAPSHOT,
    rank=3,
    fields={
        "time": first("#when", cell("SentTimestamp", "SendTimestamp", "Timestamp", "Sent")),
        "raw_event": "#state",
        "event": state,
        "recipient": cell("Destination", "Recipient", "To"),
        "sender": cell("FromEmailAddress", "FromAddress", "From"),
        "subject": cell("Subject"),
        "provider_message_id": cell("MessageId"),
        "reply": "#reply",
        "bounce_class": "#class",
    },
)

PROVIDER = Provider(
    "ses",
    "Amazon SES",
    "https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-firehose-contents.html",
    (EVENT, SNS, INSIGHTS, VDM),
    cannot="No record per attempt: a delay is told once. Opens and clicks of a message to several people are nobody's.",
)
