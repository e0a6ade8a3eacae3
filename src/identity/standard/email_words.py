"""Words about e-mail addresses: shared boxes, nobody's boxes, throw-away domains, frequent typing errors.

Common knowledge of mail administration (RFC 2142 names the classic role boxes, RFC 2606 and 6761 the reserved
domains), written for this project.
"""

GMAIL_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
RESERVED_TOP_LEVEL = frozenset({"test", "invalid", "example", "local", "localhost"})
# names nobody can mail; `.test` and `.example` (and `example.com`) are how people write invented customers
NOWHERE_TOP_LEVEL = frozenset({"invalid", "local", "localhost"})
PLACEHOLDER_DOMAINS = frozenset({
    "test.com", "test.test", "x.com.com", "noemail.com", "no.com",
    "none.com", "noreply.com", "nomail.com", "nowhere.com", "email.invalid", "na.com", "fake.com", "xxx.com",
    "asdf.com", "domain.com", "yourdomain.com", "placeholder.com", "unknown.com", "invalid.com",
})  # fmt: skip
PLACEHOLDER_LOCALS = frozenset({
    "test", "tests", "testing", "tester", "test1", "test123", "noemail", "no-email", "no.email", "no_email",
    "nomail", "none", "nobody", "null", "na", "n.a", "nil", "unknown", "anonymous", "anon", "fake", "dummy", "xxx",
    "xx", "asdf", "qwerty", "donotemail", "donthave", "noone", "refused", "declined", "notprovided", "notgiven",
    "guest", "walkin", "placeholder", "abc", "abc123", "aaa", "email", "someone", "sample", "example",
})  # fmt: skip
ROLE_LOCALS = frozenset({
    "abuse", "accounting", "accounts", "accountspayable", "admin", "administration", "administrator", "ap", "ar",
    "billing", "booking", "bookings", "bonjour", "buchhaltung", "careers", "ceo", "compliance", "contact",
    "contacto", "contato", "customercare", "customerservice", "dev", "dispatch", "do-not-reply", "donotreply",
    "einkauf", "enquiries", "enquiry", "events", "everyone", "facturacion", "facturation", "feedback", "finance",
    "frontdesk", "ftp", "general", "hallo", "hello", "help", "helpdesk", "hi", "hola", "hostmaster", "hr", "info",
    "information", "informatie", "inquiries", "invoice", "invoices", "it", "jobs", "kontakt", "legal", "mail",
    "mailbox", "mailer-daemon", "management", "manager", "marketing", "media", "news", "newsletter", "no-reply",
    "no_reply", "noc", "noreply", "office", "operations", "order", "orders", "owner", "parts", "payables",
    "payroll", "post", "postmaster", "pr", "press", "privacy", "procurement", "purchasing", "reception",
    "recruiting", "rechnung", "registrar", "registration", "reply", "reservation", "reservations", "returns",
    "root", "sales", "secretariat", "secretary", "security", "sekretariat", "service", "services", "shipping",
    "shop", "staff", "store", "subscribe", "support", "sysadmin", "team", "tech", "techsupport", "tickets",
    "unsubscribe", "usenet", "uucp", "ventas", "verkauf", "vertrieb", "web", "webmaster", "website", "welcome",
    "www", "zentrale",
})  # fmt: skip
DISPOSABLE_DOMAINS = frozenset({
    "10minutemail.com", "dispostable.com", "fakeinbox.com", "getnada.com", "guerrillamail.com", "guerrillamail.net",
    "guerrillamail.org", "mailcatch.com", "maildrop.cc", "mailinator.com", "mailnesia.com", "mintemail.com",
    "moakt.com", "mohmal.com", "mytemp.email", "sharklasers.com", "spam4.me", "spamgourmet.com", "temp-mail.org",
    "tempail.com", "tempmail.com", "throwawaymail.com", "trashmail.com", "trashmail.de", "trbvm.com",
    "wegwerfmail.de", "yopmail.com", "yopmail.fr", "20minutemail.com", "mailnull.com", "emailondeck.com",
})  # fmt: skip
_TYPED_WRONG = {
    "gmail.com": "gmial.com gmai.com gamil.com gmaill.com gmil.com gnail.com gmal.com gmali.com gmaul.com gmail.co"
    " gmail.con gmail.cm gmail.cmo gmail.om gmail.comm gmail.vom gmail.xom gmailc.om gimail.com gemail.com"
    " gmaiil.com ggmail.com gmsil.com hmail.com fmail.com gmail.co.uk gmail.net gmail.org gmaik.com",
    "googlemail.com": "googlemail.con googelmail.com googlemial.com",
    "yahoo.com": "yaho.com yahooo.com yhaoo.com yhoo.com yaoo.com yahoo.con yahoo.cm yahoo.co yahoo.om yahoo.comm"
    " yajoo.com tahoo.com uahoo.com ayhoo.com yahho.com yahoo.cmo",
    "hotmail.com": "hotmial.com hotmai.com hotmal.com hotmil.com hotmaill.com hotmail.con hotmail.co hotmail.cm"
    " hotmail.om hotmali.com hormail.com hotnail.com hotamil.com homail.com hoymail.com htmail.com hotmail.cmo",
    "outlook.com": "outlok.com outllok.com outlook.con outloo.com oulook.com outlook.co outook.com outloook.com"
    " outlool.com putlook.com",
    "icloud.com": "iclod.com icoud.com icloud.con iclould.com icloude.com iclud.com icloud.co iclound.com",
    "aol.com": "aol.con ail.com aol.co aoll.com aol.cm",
    "live.com": "live.con live.cm livee.com",
    "comcast.net": "comcast.com comcast.ent comast.net comcas.net comcat.net comcst.net comcastt.net",
    "verizon.net": "verizon.com verzion.net",
    "sbcglobal.net": "sbcglobal.com sbcgobal.net",
    "msn.com": "msn.con msn.co",
    "gmx.de": "gmx.ed gxm.de gmx.dee",
    "web.de": "web.ed wed.de",
    "t-online.de": "t-onlin.de t-online.ed tonline.de",
    "orange.fr": "orang.fr ornage.fr",
    "wanadoo.fr": "wanado.fr wandoo.fr",
    "btinternet.com": "btinternet.con btintenet.com",
    "hotmail.co.uk": "hotmail.co.ku hotmail.couk hotmial.co.uk",
    "yahoo.co.uk": "yahoo.couk yaho.co.uk",
}
_SUGGESTIONS = {wrong: right for right, wrongs in _TYPED_WRONG.items() for wrong in wrongs.split()}


def domain_suggestion(domain: str) -> str | None:
    """Return the domain that was probably meant, or None for a domain not known as a typing error."""
    return _SUGGESTIONS.get(domain)
