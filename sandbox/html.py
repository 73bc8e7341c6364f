"""The frame of the pages that a person sees here: no scripts, light and dark by the reader's wish, narrow screens too."""

from html import escape

from aiohttp import web

_STYLE = """
:root{color-scheme:light dark;--text:#1a1f36;--quiet:#5b6478;--back:#fff;--card:#f6f8fb;--line:#d5dbe5;--act:#574fd6;
--on-act:#fff;--bad:#b3261e;--good:#1a7f37}
@media (prefers-color-scheme:dark){:root{--text:#e8ebf3;--quiet:#a4adbf;--back:#12151c;--card:#1b202a;--line:#333b4a;
--act:#8f88ff;--on-act:#12151c;--bad:#ff8a80;--good:#6fdd8b}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:2rem 1rem 4rem;color:var(--text);
background:var(--back);overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
a{color:var(--act)}small,.quiet{color:var(--quiet)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:1rem 0}
.bad{color:var(--bad)}.good{color:var(--good)}
button,.button{font:inherit;min-height:2.75rem;padding:.5rem 1.2rem;border-radius:.5rem;border:1px solid var(--act);
background:var(--act);color:var(--on-act);cursor:pointer}
button.plain{background:none;color:var(--act)}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
fieldset{border:1px solid var(--line);border-radius:.6rem;margin:1rem 0;padding:.5rem 1rem}
label{display:flex;gap:.6rem;align-items:center;min-height:2.75rem;padding:.15rem 0}
input[type=search]{font:inherit;min-height:2.75rem;flex:1;min-width:0;padding:.5rem;border:1px solid var(--line);
border-radius:.5rem;background:var(--back);color:inherit}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem .4rem 0;vertical-align:top}
td.amount{text-align:right;white-space:nowrap}tr.total td{border-top:1px solid var(--line);font-weight:600}
ul.rows{list-style:none;margin:0;padding:0}ul.rows li{border-bottom:1px solid var(--line);padding:.6rem 0}
pre{white-space:pre-wrap;font:inherit;margin:0}
iframe{width:100%;min-height:24rem;margin-top:1rem;border:1px solid var(--line);border-radius:.6rem;background:#fff}
"""

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body><main>{body}</main></body></html>"""


def page(title: str, body: str, *, status: int = 200, frames: bool = False) -> web.Response:
    """A page; ``body`` is markup whose texts the caller has escaped. ``frames``: it shows another page of ours inside."""
    response = web.Response(
        text=_PAGE.format(title=escape(title), style=_STYLE, body=body),
        content_type="text/html",
        status=status,
    )
    # Whoever pays is sent back to a shop of any address, which browsers count as a form's target.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; form-action *; base-uri 'none'; frame-ancestors 'none'"
        + ("; frame-src 'self'" if frames else "")
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
