"""The bounce classes of Momentum, which SparkPost has too: what each means for us.

https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
"""

from __future__ import annotations

CLASSES = {
    "1": "bounced",
    "10": "hard_bounced",
    "20": "soft_bounced",
    "21": "soft_bounced",
    "22": "soft_bounced",
    "23": "soft_bounced",
    "24": "expired",
    "25": "preblocked",
    "26": "preblocked",
    "30": "hard_bounced",
    "40": "soft_bounced",
    "50": "soft_bounced",
    "51": "soft_bounced",
    "52": "soft_bounced",
    "53": "soft_bounced",
    "54": "soft_bounced",
    "60": "auto_reply",
    "70": "soft_bounced",
    "80": "auto_reply",
    "90": "unsubscribed",
    "100": "auto_reply",
}
