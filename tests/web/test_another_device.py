"""`--lan`: one other device is let in, with an address that works once."""

import email

import pytest

from handwriting import console
from handwriting.web import start
from handwriting.web.gate import Gate
from handwriting.web.not_answered import NotAnswered

LAN = "192.168.1.5"
PHONE = "192.168.1.77"


def headers(**lines) -> email.message.Message:
    return email.message_from_string("".join(f"{name}: {value}\n" for name, value in lines.items()) + "\n")


@pytest.fixture
def gate() -> Gate:
    return Gate(8028, LAN)


def test_a_device_names_this_machine_by_its_address_in_the_network(gate):
    gate.check(PHONE, "GET", headers(Host=f"{LAN}:8028"))
    gate.check(PHONE, "POST", headers(Host=f"{LAN}:8028", Origin=f"http://{LAN}:8028"))
    for host in ("127.0.0.1:8028", "localhost:8028", "evil.example", "None:8028"):
        with pytest.raises(NotAnswered, match="another host"):
            gate.check(PHONE, "GET", headers(Host=host))


def test_nobody_of_the_network_is_answered_without_lan():
    for host in (f"{LAN}:8028", "127.0.0.1:8028", "None:8028"):
        with pytest.raises(NotAnswered, match="another host"):
            Gate(8028).check(PHONE, "GET", headers(Host=host))


def test_the_token_works_once_and_gives_a_cookie(gate):
    lan_pass = gate.lan_pass
    token = lan_pass.token
    assert len(token) > 20
    assert not lan_pass.use("")
    assert not lan_pass.use("wrong")
    assert not lan_pass.use("é")
    assert lan_pass.use(token)
    assert not lan_pass.use(token)
    assert not lan_pass.use("")
    assert not gate.lets_in(PHONE, "")
    assert not gate.lets_in(PHONE, "draw_session=wrong")
    assert not gate.lets_in(PHONE, "draw_session=é; \x00")
    assert gate.lets_in(PHONE, lan_pass.cookie.partition(";")[0])
    assert "HttpOnly; SameSite=Lax" in lan_pass.cookie


def test_this_machine_needs_no_token(gate):
    assert gate.lets_in("127.0.0.1", "")
    assert not gate.lets_in("nonsense", "")


def test_a_machine_in_no_network_says_so(monkeypatch):
    monkeypatch.setattr(start, "OUTSIDE", ("127.0.0.1", 9))
    with pytest.raises(console.InputError, match="expected this machine to be in a network"):
        start.own_address()
