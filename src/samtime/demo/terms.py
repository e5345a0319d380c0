"""Sample general terms in four languages, plainly marked as samples."""

import hashlib
from datetime import date

from samtime.organizations.models import TermsDocument

VERSION = 1
TEXTS = {
    "en": (
        "General terms for partners (sample)",
        "This is a sample text of the demo. It binds nobody.\n\n"
        "1. The partner books times for its own clients at the institution, on the terms agreed "
        "between the two: locations, services, prices, place of payment and commission.\n"
        "2. Patients belong to the institution. The partner sees its own bookings, and other "
        "times only as taken.\n"
        "3. Every search for a patient is logged and shown to the institution.\n"
        "4. The commission of a booking is fixed when it is made and counts when the patient "
        "came.\n"
        "5. Either side may end the agreement. Bookings already made are honoured unless both "
        "agree otherwise.\n",
    ),
    "nb": (
        "Generelle vilkår for partnere (eksempel)",
        "Dette er en eksempeltekst i demoen. Den binder ingen.\n\n"
        "1. Partneren bestiller timer for egne klienter hos institusjonen, på de vilkår som er "
        "avtalt mellom de to: lokasjoner, tjenester, priser, betalingssted og provisjon.\n"
        "2. Pasientene hører til institusjonen. Partneren ser sine egne bestillinger, og andre "
        "tider bare som opptatt.\n"
        "3. Hvert søk etter en pasient loggføres og vises for institusjonen.\n"
        "4. Provisjonen for en bestilling fastsettes når den gjøres, og teller når pasienten har "
        "møtt.\n"
        "5. Begge sider kan avslutte avtalen. Bestillinger som er gjort, oppfylles om ikke begge "
        "blir enige om noe annet.\n",
    ),
    "ro": (
        "Termeni generali pentru parteneri (exemplu)",
        "Acesta este un text de exemplu al demonstrației. Nu obligă pe nimeni.\n\n"
        "1. Partenerul rezervă ore pentru clienții săi la instituție, în condițiile convenite "
        "între cei doi: locații, servicii, prețuri, locul plății și comision.\n"
        "2. Pacienții aparțin instituției. Partenerul vede rezervările sale, iar celelalte ore "
        "doar ca ocupate.\n"
        "3. Fiecare căutare a unui pacient este înregistrată și arătată instituției.\n"
        "4. Comisionul unei rezervări se stabilește când este făcută și contează dacă pacientul "
        "s-a prezentat.\n"
        "5. Oricare parte poate încheia acordul. Rezervările deja făcute sunt onorate, dacă "
        "părțile nu convin altfel.\n",
    ),
    "hu": (
        "Általános partneri feltételek (minta)",
        "Ez a bemutató mintaszövege. Senkit sem kötelez.\n\n"
        "1. A partner saját ügyfeleinek foglal időpontot az intézményben, a kettejük között "
        "megállapodott feltételekkel: telephelyek, szolgáltatások, árak, fizetés helye, jutalék.\n"
        "2. A páciensek az intézményhez tartoznak. A partner a saját foglalásait látja, a többi "
        "időpontot csak foglaltként.\n"
        "3. Minden páciens-keresés naplózásra kerül, és az intézmény látja.\n"
        "4. A foglalás jutaléka a foglaláskor rögzül, és akkor számít, ha a páciens megjelent.\n"
        "5. Bármelyik fél megszüntetheti a megállapodást. A már meglévő foglalások érvényesek, "
        "hacsak a felek másként nem állapodnak meg.\n",
    ),
}


def publish(today: date) -> None:
    """Version 1 in every language, in effect for a year already."""
    for language, (title, text) in TEXTS.items():
        TermsDocument.objects.get_or_create(
            kind="general_terms",
            version=VERSION,
            language=language,
            defaults={
                "title": title,
                "text": text,
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "effective_from": today.replace(year=today.year - 1, day=1),
            },
        )
