"""The mailbox as a person sees it: a list, by address, and one mail as its receiver would read it.

A mail is somebody else's markup. It is shown in a frame of an origin of its own, where no script runs and nothing is
loaded from elsewhere; a link in it opens in a new tab.
"""

from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from aiohttp import web

from sandbox.errors import JsonObject
from sandbox.html import page
from sandbox.mailbox import Mailbox

_FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def show_list(mailbox: Mailbox, request: web.Request) -> web.Response:
    """All mails, or those to one address."""
    wanted, before = request.query.get("to", "").strip(), request.query.get("before", "")
    found, more = mailbox.page(wanted or None, int(before) if before.isdigit() else None)
    rows = "".join(_row(mail) for mail in found)
    nothing = f"Nothing has come for {escape(wanted)}." if wanted else "No mail has come yet."
    older = ""
    if more:
        address = f"/mailbox?to={quote(wanted)}&before={found[-1]['id']}"
        older = f'<p><a href="{escape(address)}">Older ones</a></p>'
    search = (
        '<form method="get" action="/mailbox" role="search"><label for="to">To</label><label>'
        f'<input type="search" id="to" name="to" value="{escape(wanted)}" placeholder="client@demo.test" autocomplete="off">'
        "<button>Show</button></label></form>"
    )
    every = '<p><a href="/mailbox">All mails</a></p>' if wanted else ""
    body = f'<p class="quiet">Sandbox: nothing leaves this machine.</p><h1>Mailbox</h1>{search}{every}' + (
        f'<ul class="rows">{rows}</ul>{older}' if found else f"<p>{nothing}</p>"
    )
    return page("Mailbox", body)


def _row(mail: JsonObject) -> str:
    to = str(mail["to"])
    return (
        f'<li><a href="/mailbox/{mail["id"]}"><strong>{escape(str(mail["subject"]) or "(no subject)")}</strong></a><br>'
        f'<small>to <a href="/mailbox?to={quote(to)}">{escape(to)}</a>, {_time(mail)}</small></li>'
    )


def _time(mail: JsonObject) -> str:
    at = datetime.fromtimestamp(float(str(mail["at"])), UTC)
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M:%S} UTC</time>'


def show_mail(mailbox: Mailbox, identifier: str) -> web.Response:
    """One mail: who, to whom, when, and both its bodies."""
    mail = mailbox.get(identifier)
    subject = str(mail["subject"]) or "(no subject)"
    named = f"{mail['to_name']} <{mail['to']}>" if mail["to_name"] else str(mail["to"])
    head = (
        f"<table><tr><th>From</th><td>{escape(str(mail['from']))}</td></tr><tr><th>To</th><td>{escape(named)}</td></tr>"
        f"<tr><th>At</th><td>{_time(mail)}</td></tr></table>"
    )
    frame = ""
    if mail["html"]:
        frame = (
            f'<iframe src="/mailbox/{mail["id"]}/html" title="{escape(subject)}" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"></iframe>'
        )
    text = f'<h2>As text</h2><div class="card"><pre>{_linked(str(mail["text"]))}</pre></div>'
    body = f'<p><a href="/mailbox">Mailbox</a></p><h1>{escape(subject)}</h1>{head}{frame}{text}'
    return page(subject, body, frames=True)


def _linked(text: str) -> str:
    """Escaped, with web addresses as links."""
    words = []
    for line in text.split("\n"):
        parts = [
            f'<a href="{escape(part)}" rel="noreferrer">{escape(part)}</a>'
            if part.startswith(("http://", "https://"))
            else escape(part)
            for part in line.split(" ")
        ]
        words.append(" ".join(parts))
    return "\n".join(words)


def show_html(mailbox: Mailbox, identifier: str) -> web.Response:
    """The markup of a mail alone, for the frame; ``base`` sends its links to a new tab."""
    html = str(mailbox.get(identifier)["html"])
    opened = html.replace("<head>", '<head><base target="_blank">', 1)
    return web.Response(
        text=opened,
        content_type="text/html",
        headers={
            "Content-Security-Policy": _FRAME_POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
