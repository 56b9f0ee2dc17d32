"""The list of crisis help by country, as a table; `crisis.py` says how it was checked.

A line at the margin is a country: code (ISO 3166) | name | emergency number | date of the page | source.
Indented under it are its services: name | number or address | hours, as far as the source says, and language (that of
the page, where the source names none) | date of the page | source.
"EU" for a date stands for the page on 112, which works in every member state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

CHECKED = "2026-11-27"
"""The day on which every row was looked up in a stored copy of its source."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service. reach: number or address. when: hours and languages, as far as the source says. page: its date."""

    name: str
    reach: str
    when: str
    page: str
    source: str


@dataclass(frozen=True, slots=True)
class Country:
    """One country, its emergency number with the page it is from, and its services."""

    code: str
    name: str
    emergency: str
    page: str
    source: str
    services: tuple[Service, ...] = ()


_EU_PAGE = ""
_EU_SOURCE = "http://ec.europa.eu/information_society/activities/112/actions/index_en.htm"

_TABLE = """
au | Australia | 000 | | https://www.healthdirect.gov.au/what-care-do-i-need
  Lifeline | 13 11 14 | day and night, English | | http://www.cclhd.health.nsw.gov.au/Pages/Where-to-go-if-you-are-hurt-or-sick.aspx
at | Austria | 112 | EU |
  Telefonseelsorge | 142 | day and night, German | | https://www.katholisch.at/telefonseelsorge
be | Belgium | 112 | EU |
  Zelfmoordlijn | 1813 | day and night, Dutch | 2019-09-08 | https://www.vrt.be/vrtnws/fr/2019/09/08/chaque-jour-trois-personnes-mettent-fin-a-leur-vie-en-flandre/
  Centre de prévention du suicide | 0800 32 123 | day and night, French | 2023-09 | https://www.dhnet.be/dernieres-depeches/2023/09/05/une-nouvelle-campagne-de-prevention-du-suicide-pour-agir-avant-le-drame-ZGY4QISYTREFDEKWQIYM5IIN7Q/
br | Brazil | 192 (for an ambulance) | | https://www.hercampus.com/school/casper-libero/escuta-que-transforma-como-o-cvv-salva-vidas/
  CVV | 188 | day and night, Portuguese | | https://www.hercampus.com/school/casper-libero/escuta-que-transforma-como-o-cvv-salva-vidas/
ca | Canada | 911 | | https://richmondhilluc.ca/news/988-hotline-launched
  9-8-8 Suicide Crisis Helpline | call or text 9-8-8 | day and night, English and French | 2023-11-30 | https://www.newswire.ca/news-releases/government-of-canada-launches-three-digit-suicide-crisis-helpline-896472116.html
cl | Chile | 131 (for an ambulance) | 2025-12-31 | https://www.radiopolar.com/samu-magallanes-refuerza-llamado-prevencion-responsable-131-ano
  Línea de prevención del suicidio | *4141 | day and night, from a mobile, Spanish | 2025-11-25 | https://www.radiopolar.com/salud-mental-prevencion-suicidio-foco-especialistas-refuerzan-linea-4141-region
fi | Finland | 112 | EU |
  MIELI | 09 2525 0111 | day and night, Finnish | | https://mentalhealth.fi/where-to-go-in-an-emergency
  MIELI in English and Arabic | 09 2525 0113 | at certain hours on weekdays | | https://mentalhealth.fi/where-to-go-in-an-emergency
fr | France | 112 | EU |
  Numéro national de prévention du suicide | 3114 | day and night, French | | https://www.mayotte.ars.sante.fr/3114-le-numero-national-de-prevention-du-suicide
de | Germany | 112 | EU |
  TelefonSeelsorge | 0800 1110111 or 0800 1110222 | day and night, German | | https://www.domradio.de/artikel/telefonseelsorge-jetzt-unter-oekumenischem-dachverband
in | India | 112 | 2025-12-13 | https://www.lokmattimes.com/technology/over-29-lakh-phone-calls-handled-by-tele-manas-cells-savitri-thakur-2/
  Tele MANAS | 14416 | day and night, 20 languages | 2025-04-04 | https://menafn.com/1109390520/Over-Rs-230-Cr-Allocated-For-National-Tele-Mental-Health-Programme-Since-2022-Centre
ie | Ireland | 112 | EU |
  Samaritans | 116 123 | day and night, English | 2016-04-12 | https://www.irishhealthpro.com/content/news/show/name/big-jump-in-calls-to-samaritans-since-2014
il | Israel | 101 (for an ambulance) | | https://mdauk.org/ministry-of-health-confirms-mda-as-israels-first-response-organisation/
  ERAN | 1201 | day and night, Hebrew, Arabic and Russian | | https://jerusaleminstitute.org.il/en/blog/with-days-like-this/
it | Italy | 112 | EU |
  Telefono Amico | 02 2327 2327 | 9 to 24 h, Italian | 2025-09 | https://www.agensir.it/?p=1502724
jp | Japan | 119 (for an ambulance) | | https://www.city.odate.lg.jp/city/foreign-language/english/emergency-call
  Yorisoi Hotline | 0120-279-338 | day and night, Japanese and others | | https://tascalne.com/?p=1098
mx | Mexico | 911 | | https://www.gob.mx/policiafederal/articulos/088-911-responder-ante-cualquier-llamado?idiom=es
  Línea de la Vida | 800 911 2000 | day and night, Spanish | 2025-12-24 | https://www.eluniversal.com.mx/nacion/promueven-la-linea-de-la-vida-tras-presentar-encuesta-sobre-consumo-de-drogas-asi-puedes-pedir-ayuda/
nl | Netherlands | 112 | EU |
  113 Zelfmoordpreventie | 113, or chat at 113.nl | day and night, Dutch | 2025-10-03 | https://www.upday.com/nl/binnenland/nummer-113-nu-gratis-betere-hulp-bij-zelfdodingsgedachten/pj8neqt
nz | New Zealand | 111 | | https://www.govt.nz/browse/crime-and-justice/crimes-and-emergencies/111-emergency-service/
  1737 | call or text 1737 | day and night, English | | https://www.pegasus.health.nz/?p=6300
no | Norway | 113 (for an ambulance) | 2021-11 | https://www.nrk.no/osloogviken/over-100-barn-under-ni-ar-har-tatt-kontakt-_-hjelpetelefoner-slar-alarm-1.15736352
  Mental Helse | 116 123 | day and night, Norwegian | 2021-11 | https://www.nrk.no/osloogviken/over-100-barn-under-ni-ar-har-tatt-kontakt-_-hjelpetelefoner-slar-alarm-1.15736352
  Kirkens SOS | 22 40 00 40 | day and night, Norwegian | 2021-11 | https://www.nrk.no/osloogviken/over-100-barn-under-ni-ar-har-tatt-kontakt-_-hjelpetelefoner-slar-alarm-1.15736352
pl | Poland | 112 | EU |
  Centrum Wsparcia | 800 70 2222 | day and night, Polish | | https://zdrowie.pap.pl/psyche/na-kryzys-telefon-800-70-2222
  Telefon Zaufania dla Osób Dorosłych | 116 123 | 14 to 22 h, Polish | 2025 | https://zsb-t.pl/wpis/swiatowy-dzien-zdrowia-psychicznego-w-2025-roku-haslo-obchodow-zdrowe-poczatki-pelna-nadziei-przyszlosc
pt | Portugal | 112 | EU |
  Linha Nacional de Prevenção do Suicídio | 1411 | day and night, Portuguese | 2025-09-09 | https://www.deco.proteste.pt/saude/saude-mental/noticias/linha-prevencao-suicidio-funciona-24-horas-por-dia
sg | Singapore | 995 (for an ambulance) | | https://www.scdf.gov.sg/home/about-us/information/scdf-emergency-medical-services
  Samaritans of Singapore | 1767, or WhatsApp 9151 1767 | day and night, English | 2025-07-21 | https://www.daily8.com/en/hashtag/SamaritansOfSingapore
za | South Africa | 10177 (for an ambulance), or 112 from a mobile | | https://trekmedics.org/database/south_africa/
  SADAG suicide helpline | 0800 567 567 | | 2019-02-12 | http://www.pressreader.com/south-africa/the-star-early-edition/20190212/281668256233737
  SADAG mental health line | 0800 456 789 | day and night | 2019-02-12 | http://www.pressreader.com/south-africa/the-star-early-edition/20190212/281668256233737
es | Spain | 112 | EU |
  Línea 024 | 024 | day and night, Spanish | 2025-10-11 | https://www.farodevigo.es/galicia/2025/10/11/medio-millar-gallegos-mes-024-linea-suicidio-122499662.html
se | Sweden | 112 | EU |
  Mind Självmordslinjen | 90101, or chat at mind.se | day and night, Swedish | | http://www.kronprinsessparetsstiftelse.se/projekt/sjalvmordsupplysningen.html
ch | Switzerland | 144 (for an ambulance) | | https://blog.alertswiss.ch/de/rubriken/vorsorge/notrufnummer-144-fuer-alle-medizinischen-notfaelle/
  Die Dargebotene Hand | 143 | day and night, German, French and Italian | | https://progress.guide/atlas/europe/switzerland
gb | United Kingdom | 999 | | http://nhs.uk/nhsengland/aboutnhsservices/emergencyandurgentcareservices/pages/ambulanceservices.aspx
  Samaritans | 116 123 | day and night, English | | https://www.samaritans.org/news/samaritans-in-northern-ireland-answer-one-million-calls-during-10-years-of-freephone
us | United States | 911 | | https://health.wyo.gov/publichealth/prevention/wivpp/suicide-prevention/988-suicide-crisis-lifeline
  988 Suicide & Crisis Lifeline | call or text 988 | day and night, English and Spanish | | https://www.mcphs.edu/student-life/counseling-services/emergency-services/988-suicide-and-crisis-lifeline
"""


def _read(table: str) -> tuple[Country, ...]:
    """The table as records, in its order."""
    countries: list[Country] = []
    for line in table.strip().splitlines():
        first, second, third, page, source = (cell.strip() for cell in line.split("|"))
        if line.startswith(" "):
            before = countries.pop()
            countries.append(replace(before, services=(*before.services, Service(first, second, third, page, source))))
        elif page == "EU":
            countries.append(Country(first, second, third, _EU_PAGE, _EU_SOURCE))
        else:
            countries.append(Country(first, second, third, page, source))
    return tuple(countries)


COUNTRIES = _read(_TABLE)
"""By the name of the country."""

ELSEWHERE = (Service("Helplines by country", "findahelpline.com", "", "", "https://findahelpline.com/AU"),)
"""For a country that is not in the list, or was not said."""
