"""Names of months in the languages of Western exports, folded. Common knowledge, written for this project."""

_MONTHS = (
    "january jan januar janner janvier janv enero ene gennaio gen janeiro januari styczen stycznia leden",
    "february feb februar fevrier fevr fev febrero febbraio fevereiro februari luty lutego",
    "march mar marz mrz mars marzo marco maart mrt marzec marca",
    "april apr avril avr abril abr aprile kwiecien kwietnia",
    "may mai mayo maggio mag maio mei maj maja",
    "june jun juni juin junio giugno giu junho czerwiec czerwca",
    "july jul juli juillet juil julio luglio lug julho lipiec lipca",
    "august aug aout agosto ago agost augustus augusti sierpien sierpnia",
    "september sep sept septembre septiembre set settembre setembro wrzesien wrzesnia",
    "october oct oktober okt octobre octubre ottobre ott outubro out oktobris pazdziernik pazdziernika",
    "november nov novembre noviembre novembro listopad listopada",
    "december dec dezember dez decembre diciembre dic dicembre dezembro grudzien grudnia",
)
_NUMBERS = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()}


def month_number(word: str) -> int | None:
    """Return 1 to 12 for a folded month name or abbreviation, None for any other word."""
    return _NUMBERS.get(word)
