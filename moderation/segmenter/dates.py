"""Dates as comment sections print them, in many languages: "3 hours ago", "Tue Jul 24, 2012 10:14 AM EDT", "12. März 2019, 08:15".

`find_date` finds one in a short line; `to_iso` turns it into ISO 8601 where that can be done without guessing.
"""

import re

__all__ = ["find_date", "find_words", "to_iso"]

_MONTHS = {
    1: "january januar janvier enero janeiro gennaio januari jan janv ene gen január styczeń stycznia stycz "
    "января янв січня ocak ιανουαρίου",
    2: "february februar février fevrier febrero fevereiro febbraio februari feb febr févr fevr fev lutego luty февраля фев лютого şubat",
    3: "march märz mars marzo março marco maart mar mär mrz marca marzec марта мар березня mart",
    4: "april avril abril aprile apr avr abr kwietnia kwiecień апреля апр квітня nisan",
    5: "may mai mayo maio maggio mei maj may mag maja мая май травня mayıs",
    6: "june juni juin junio junho giugno jun giu czerwca czerwiec июня июн червня haziran",
    7: "july juli juillet julio julho luglio jul juil lug lipca lipiec июля июл липня temmuz",
    8: "august août aout agosto augustus augusti aug ago sierpnia sierpień августа авг серпня ağustos",
    9: "september septembre septiembre setembro settembre sep sept set września wrzesień сентября сен вересня eylül",
    10: "october oktober octobre octubre outubro ottobre oct okt out ott października październik октября окт жовтня ekim",
    11: "november novembre noviembre novembro nov listopada listopad ноября ноя листопада kasım",
    12: "december dezember décembre decembre diciembre dezembro dicembre desember dec dez déc dic des "
    "grudnia grudzień декабря дек грудня aralık",
}
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names.split()}
_MONTH = "(?:" + "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True)) + r")\b\.?"

_UNIT = (
    r"(?:s|m|h|d|w|mo|y|sec|min|hr|yr|second|minute|hour|day|week|month|year|sekunde|stunde|tag|woche|monat|jahr|"
    r"seconde|heure|jour|semaine|mois|an|"
    r"segundo|minuto|hora|día|dia|semana|mes|mês|año|ano|secondo|ora|ore|giorno|giorni|minuti|settimana|settimane|mese|mesi|anno|anni|"
    r"uur|dagen|dag|weken|maanden|jaar|timer|time|dager|uker|måneder|timmar|dagar|veckor|godzin|godziny|godzinę|dni|"
    r"dzień|tygodni|tygodnie|miesięcy|lat|"
    r"секунд|минут|час|часа|часов|день|дня|дней|недел|месяц|год|лет|хвилин|годин|днів|meses|minuut|minuten|stunden|"
    r"tagen|wochen|monaten|jahren)[a-zа-яієñ]{0,3}"
)
_ONE = r"(?:\d{1,3}|an?|one|eine[rmn]?|une?|una?|uma?|een|en|ett)"
_RELATIVE = (
    rf"(?:(?:about|over|almost|ca\.?)\s)?{_ONE}\s?{_UNIT}\s(?:ago|fa|назад|тому|geleden|sedan|siden|temu|atrás|önce)(?!\w)"
    rf"|(?<!\w)(?:vor|il y a|hace|há|acum|πριν|منذ|před)\s{_ONE}\s?{_UNIT}(?!\w)|(?:for|för)\s{_ONE}\s?{_UNIT}\s(?:siden|sedan)(?!\w)"
    r"|\d{1,3}\s?(?:秒|分|分钟|小時|小时|時間|天|日|周|週間|个月|か月|ヶ月|年)\s?前|\d{1,3}\s?(?:초|분|시간|일|주|개월|년)\s?전"
    r"|(?<=[·•]\s)\d{1,3}\s?(?:h|d|w|mo|y)$|\b(?:just now|à l'instant|gerade eben|ahora mismo|agora mesmo|только что)\b"
)
_TIME = (
    r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?m\.?)?(?:\s?(?:uhr|h|utc|gmt|[ecmp][ds]t|[ecmp]t|bst|cest|cet|z)\b)?"
)
_JOIN = r"(?:\s?,?\s?(?:at|um|à|a las|às|alle|om|kl\.?|в|o|@|-|–|·|\|)?\s?)"
_YEAR = r"(?:19|20)\d{2}"
_ABSOLUTE = (
    rf"\b\d{{1,2}}(?:st|nd|rd|th|er|\.|º)?\s?(?:of\s|de\s|-)?{_MONTH}(?:\s?,?\s?(?:de\s|-)?{_YEAR})?"
    rf"|\b{_MONTH}\s?\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:\s?,?\s?{_YEAR})?"
    rf"|\b{_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}"
    r"|\b\d{1,2}[-/.]\d{1,2}[-/.](?:(?:19|20)\d{2}|\d{2})(?!\d)"
    r"|(?:19|20)\d{2}年\d{1,2}月\d{1,2}日"
    r"|\b(?:yesterday|today|gestern|heute|hier|aujourd'hui|ayer|hoy|ontem|hoje|ieri|oggi|gisteren|vandaag|вчера|сегодня)\b(?=.{0,6}\d)"
)
_DATE = re.compile(rf"(?:{_RELATIVE}|(?:{_ABSOLUTE})(?:T{_TIME}|{_JOIN}{_TIME})?)", re.IGNORECASE)
_BARE_TIME = re.compile(rf"^(?!\W*\d+\.\d+\W*$)\W{{0,3}}{_TIME}\W{{0,3}}$", re.IGNORECASE)
_SHORT_AGE = re.compile(r"^\W{0,3}\d{1,3}\s?(?:s|m|h|d|w|mo|y|hr|hrs|min|mins|std|j|sem)\.?\W{0,3}$", re.IGNORECASE)

_SIGNS = (
    "ago", "назад", "тому", "geleden", "sedan", "siden", "temu", "atrás", "önce", "vor ", "il y a", "hace ", "há ", "acum ",
    "πριν", "منذ", "před ", "just now", "à l'instant", "gerade eben", "ahora mismo", "agora mesmo", "только что",
)  # fmt: skip
"""What a date without digits holds one of, in lower case."""
_QUICK = re.compile(r"\d|\sfa(?!\w)", re.IGNORECASE)
_NUMBERS = re.compile(r"\d[-/.]\d{1,2}[-/.]\d")
_HOURS = re.compile(r"\d[:.h]\d", re.IGNORECASE)
_LETTERS = re.compile(r"[a-z]+")
_RELATIVE_WORDS = frozenset("ago geleden sedan siden temu vor il hace acum gerade ahora agora fa".split())  # noqa: SIM905
"""Words of which an ASCII line holds one if it holds a date without digits, but for "just now"."""
_DATE_WORDS = frozenset({
    *_MONTH_OF,
    *"yesterday today gestern heute hier hui ayer hoy ontem hoje ieri oggi gisteren vandaag".split(),  # noqa: SIM905
})  # fmt: skip
"""Words of which an ASCII line holds one if it holds a date with digits that is not all numbers."""

_AGE_LENGTH = 16
"""Lines up to this length may be nothing but a short age ("3h")."""
_TIME_LENGTH = 32
"""Lines up to this length may be nothing but a time of day ("10:14:05 p.m. UTC")."""

_CLOCK = re.compile(
    r"(?<![\d:.])(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s?([ap])?\.?m?\.?\s?(utc|gmt|z|[ecmp][ds]t|bst|cest|cet)?\b",
    re.IGNORECASE,
)
_ZONES = {
    "utc": "+00:00", "gmt": "+00:00", "z": "+00:00", "edt": "-04:00", "est": "-05:00", "cdt": "-05:00", "cst": "-06:00",
    "mdt": "-06:00", "mst": "-07:00", "pdt": "-07:00", "pst": "-08:00", "bst": "+01:00", "cet": "+01:00", "cest": "+02:00",
}  # fmt: skip


def find_words(line: str) -> frozenset[str]:
    """The runs of ASCII letters in a line, in lower case: what quick looks compare with sets of words."""
    return frozenset(_LETTERS.findall(line.lower()))


def find_date(line: str, words: frozenset[str] | None = None) -> re.Match[str] | None:
    """The first date or age in a line of at most 160 characters, or None; a line with an address has none.

    `words` are its `find_words`, where they are known.

    >>> find_date("anna_k · vor 3 Stunden · Antworten")[0]
    'vor 3 Stunden'
    """
    if len(line) > 160 or "://" in line or not _may_hold_date(line, find_words(line) if words is None else words):
        return None
    return _DATE.search(line) or _BARE_TIME.match(line) or _SHORT_AGE.match(line)


def _may_hold_date(line: str, words: frozenset[str]) -> bool:
    """Is the search for a date worth its time: it is by far the slowest step of a page."""
    if not line.isascii():
        return _QUICK.search(line) is not None or any(sign in line.lower() for sign in _SIGNS)
    if not words.isdisjoint(_RELATIVE_WORDS) or ("just" in words and "now" in words):
        return True
    if not _QUICK.search(line):
        return False
    if len(line) <= _AGE_LENGTH or (len(line) <= _TIME_LENGTH and _HOURS.search(line)):
        return True
    return _NUMBERS.search(line) is not None or not words.isdisjoint(_DATE_WORDS)


def to_iso(words: str) -> str:
    """ISO 8601 where the words say year, month and day beyond doubt; otherwise the words as they stand.

    >>> to_iso("Tue Jul 24, 2012 10:14 AM EDT")
    '2012-07-24T10:14:00-04:00'
    >>> to_iso("3 hours ago")
    '3 hours ago'
    """
    day = _read_day(words)
    if day is None:
        return words
    year, month, number = day
    if not (1 <= month <= 12 and 1 <= number <= 31):
        return words
    return f"{year:04d}-{month:02d}-{number:02d}{_read_clock(words)}"


def _read_day(words: str) -> tuple[int, int, int] | None:
    if found := re.search(r"\b((?:19|20)\d{2})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})", words):
        return int(found[1]), int(found[2]), int(found[3])
    if found := re.search(r"\b(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d{2})", words):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first > 12 >= second:
            return year, second, first
        if second > 12 >= first:
            return year, first, second
        return (year, first, second) if first == second else None  # 4/7/2019: nobody can know
    month = next((_MONTH_OF[word] for word in re.findall(r"[^\W\d_]+", words.lower()) if word in _MONTH_OF), None)
    year_found = re.search(r"\b(?:19|20)\d{2}\b", words)
    number_found = re.search(r"(?<![\d:.])(\d{1,2})(?![\d:])(?:st|nd|rd|th|er|\.|º)?", words)
    if month is None or year_found is None or number_found is None:
        return None
    return int(year_found[0]), month, int(number_found[1])


def _read_clock(words: str) -> str:
    found = _CLOCK.search(re.sub(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}T?", " ", words))
    if found is None:
        return ""
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return ""
    return f"T{hour:02d}:{minute:02d}:{second:02d}{_ZONES.get((found[5] or '').lower(), '')}"
