"""Records in what gateways, queues and stores of logs put around them."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from tests.formats.providers.test_variants import said

if TYPE_CHECKING:
    from pathlib import Path

POST = {"event": "open", "email": "a@dst.example", "timestamp": 1772438461, "sg_event_id": "e", "sg_message_id": "m"}


@pytest.mark.parametrize(
    "envelope",
    [
        {"body": b64encode(json.dumps([POST]).encode()).decode(), "isBase64Encoded": True},
        {"message": {"data": b64encode(json.dumps(POST).encode()).decode(), "messageId": "1"}},
        {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 1, "message": json.dumps(POST)}]},
        {"took": 1, "hits": {"total": 1, "hits": [{"_index": "mail", "_source": POST}]}},
        {"result": {"_raw": json.dumps(POST), "host": "h"}},
        {"timestamp": "1", "line": json.dumps(POST), "labels": {}},
        {"request": {"headers": {}, "json": [POST]}},
    ],
    ids=["gateway", "pubsub", "cloudwatch", "elasticsearch", "splunk", "loki", "capture"],
)
def test_envelopes_of_clouds_and_stores_of_logs(tmp_path: Path, envelope: dict[str, object]) -> None:
    """A post is found in whatever a gateway, a queue or a store of logs put around it."""
    path = tmp_path / "export.json"
    path.write_text(json.dumps(envelope))

    assert said(path) == [("2026-03-02T08:01:01Z", "opened", "a@dst.example")]
