"""The mailbox of the sandbox: takes mail with the key, keeps it, and shows what others wrote without harm."""

from pathlib import Path
from typing import Any

from tests.support.sandbox import SECRET_KEY, RunningSandbox, running_sandbox

MAIL = {
    "message_id": "<a@rapport.test>",
    "from": "Rapport <no-reply@rapport.test>",
    "to": "Bo@demo.test",
    "to_name": "Bo",
    "subject": "Hello <b>",
    "text": "See https://console.test/verify-email?token=t <script>",
    "html": "<!doctype html><html><head></head><body><script>alert(1)</script><a href='https://x.test'>x</a></body></html>",
}


async def deliver(sandbox: RunningSandbox, key: str = SECRET_KEY, **more: Any) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    async with sandbox.session.post(
        f"{sandbox.url}/mailbox/messages", json=MAIL | more, headers=headers
    ) as answer:
        return answer.status


async def listed(sandbox: RunningSandbox, **query: str) -> Any:
    async with sandbox.session.get(f"{sandbox.url}/mailbox/messages", params=query) as answer:
        return await answer.json()


async def shown(sandbox: RunningSandbox, path: str) -> tuple[int, str, Any]:
    async with sandbox.session.get(f"{sandbox.url}{path}") as answer:
        return answer.status, await answer.text(), answer.headers


async def test_a_mail_is_kept_under_its_address_over_a_restart(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        assert await deliver(sandbox) == 200

    async with running_sandbox(tmp_path) as sandbox:
        found = await listed(sandbox, to="BO@demo.test")
        other = await listed(sandbox, to="ann@demo.test")

    (mail,) = found["data"]
    assert (mail["to"], mail["subject"], mail["text"]) == ("bo@demo.test", MAIL["subject"], MAIL["text"])
    assert other["data"] == []


async def test_the_same_message_id_is_one_mail(sandbox: RunningSandbox) -> None:
    await deliver(sandbox)
    await deliver(sandbox, subject="Again")
    await deliver(sandbox, message_id="<b@rapport.test>", subject="Another")

    assert [mail["subject"] for mail in (await listed(sandbox))["data"]] == ["Another", MAIL["subject"]]


async def test_only_who_has_the_key_hands_mail_in(sandbox: RunningSandbox) -> None:
    assert await deliver(sandbox, key="sk_test_other") == 401
    assert await deliver(sandbox, to="") == 400
    assert await deliver(sandbox, priority="high") == 400
    assert (await listed(sandbox))["data"] == []


async def test_lists_go_on_where_the_one_before_ended(sandbox: RunningSandbox) -> None:
    for number in range(5):
        await deliver(sandbox, message_id=f"<{number}@rapport.test>", subject=str(number))

    first = await listed(sandbox, limit="3")
    rest = await listed(sandbox, limit="3", before=str(first["data"][-1]["id"]))

    assert [mail["subject"] for page in (first, rest) for mail in page["data"]] == ["4", "3", "2", "1", "0"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


async def test_the_pages_show_what_is_written_as_text(sandbox: RunningSandbox) -> None:
    await deliver(sandbox, to_name="<i>Bo</i>")

    status, page, headers = await shown(sandbox, "/mailbox?to=bo@demo.test")
    _, mail, _ = await shown(sandbox, "/mailbox/1")

    assert status == 200
    assert "Hello &lt;b&gt;" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "<script>" not in mail
    assert "<i>Bo" not in mail
    assert 'href="https://console.test/verify-email?token=t"' in mail


async def test_the_markup_of_a_mail_stands_in_a_frame_where_nothing_runs(sandbox: RunningSandbox) -> None:
    await deliver(sandbox)

    _, page, _ = await shown(sandbox, "/mailbox/1")
    _, markup, headers = await shown(sandbox, "/mailbox/1/html")

    policy = headers["Content-Security-Policy"]
    assert '<iframe src="/mailbox/1/html"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert '<base target="_blank">' in markup


async def test_what_is_not_there_is_not_found(sandbox: RunningSandbox) -> None:
    for path in ("/mailbox/1", "/mailbox/x", "/mailbox/99999999999999999999", "/mailbox/1/html"):
        assert (await shown(sandbox, path))[0] == 404
    assert "No mail has come yet" in (await shown(sandbox, "/mailbox"))[1]
    assert "nobody@demo.test" in (await shown(sandbox, "/mailbox?to=nobody@demo.test"))[1]
