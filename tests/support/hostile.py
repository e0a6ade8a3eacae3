"""Texts that try to become something else than text: markup, script, style, formulas, paths, SQL, directions."""

HOSTILE = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>", "</td></tr></table><h1>owned</h1>", "</style><style>*{display:none}",
    "<style>@import 'https://example.com/x.css';</style>", "<link rel=stylesheet href=https://example.com/x.css>", "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>", "<meta http-equiv=refresh content='0;url=https://example.com'>", "<base href=https://example.com/>",
    "<form action=https://example.com><input name=q>", "<details open ontoggle=alert(1)>", "<body onload=alert(1)>", "<math><mtext></p><img src=x>",
    "<!--", "--><script>alert(1)</script>", "<![CDATA[", "]]>", "</summary></details>", "</pre></code></main>", "&lt;script&gt;", "&#60;script&#62;",
    "\\u003cscript\\u003e", "%3Cscript%3E", "javascript:alert(1)", "\" onmouseover=\"alert(1)", "' onfocus='alert(1)' autofocus='", "` onclick=`alert(1)",
    "{{ 7 * 7 }}", "{% include 'x' %}", "${alert(1)}", "=HYPERLINK(\"https://example.com\")", "'; drop table gold.customer_360; --", "../../etc/passwd",
    "abc\u202egpj.exe", "a\u0000b\u001b[31mred\u2028c",
)  # fmt: skip
