from __future__ import annotations

import pytest

from platelight.events import EventsError, is_genuine, sign

BODY = b'{"text": "AB12CDE"}'
NOW = 1_795_000_000


@pytest.mark.parametrize("secret", ["a plain secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_what_was_signed_is_genuine(secret: str) -> None:
    headers = {name.title(): value for name, value in sign(secret, "one", NOW, BODY).items()}
    assert is_genuine(secret, headers, BODY, NOW + 299)


def test_the_published_example_of_the_specification() -> None:
    """That of https://www.standardwebhooks.com and of its libraries' tests."""
    headers = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    ("secret", "changed", "body", "now_s"),
    [
        ("other", {}, BODY, NOW),
        ("secret", {}, BODY + b" ", NOW),
        ("secret", {}, BODY, NOW + 301),
        ("secret", {}, BODY, NOW - 301),
        ("secret", {"webhook-id": "two"}, BODY, NOW),
        ("secret", {"webhook-timestamp": str(NOW + 1)}, BODY, NOW),
        ("secret", {"webhook-timestamp": "nonsense"}, BODY, NOW),
        ("secret", {"webhook-timestamp": "²"}, BODY, NOW),
        ("secret", {"webhook-signature": ""}, BODY, NOW),
        ("secret", {"webhook-signature": "v1,ä"}, BODY, NOW),
    ],
)
def test_what_differs_is_not(secret: str, changed: dict[str, str], body: bytes, now_s: float) -> None:
    assert not is_genuine(secret, sign("secret", "one", NOW, BODY) | changed, body, now_s)


def test_one_of_several_signatures_is_enough() -> None:
    headers = sign("secret", "one", NOW, BODY)
    assert is_genuine("secret", headers | {"webhook-signature": "v1,old= " + headers["webhook-signature"]}, BODY, NOW)


@pytest.mark.parametrize(("secret", "message"), [("", "is empty"), ("whsec_äöü", "is not base64"), ("whsec_a", "is not base64")])
def test_secrets_that_cannot_work(secret: str, message: str) -> None:
    with pytest.raises(EventsError, match=message):
        sign(secret, "one", NOW, BODY)
