"""People: the dealer's branches and employees, the customers and the people who work for them."""

from __future__ import annotations

from engine.store.model.build import choice, day, entity, flag, integer, long_text, ref, text

COUNTRIES = ("DE", "AT", "CH")

ADDRESS = (
    text("street", "Straße", "Street"),
    text("postal_code", "PLZ", "Postal code"),
    text("city", "Ort", "City"),
    choice("country", "Land", "Country", *COUNTRIES),
    text("region", "Bundesland/Kanton", "State or canton"),
    text("phone", "Telefon", "Phone"),
    text("mobile", "Mobil", "Mobile"),
    text("email", "E-Mail", "E-mail"),
)

BRANCH = entity(
    "branch",
    "Betrieb",
    "Branch",
    text("code", "Kürzel", "Code", required=True, unique=True),
    text("name", "Name", "Name"),
    *ADDRESS,
    text("calendar", "Kalender", "Calendar"),
    text("sender_email", "Absenderadresse", "Sender address"),
    ref("manager", "employee", "managed_branches", "Leiter", "Manager"),
    key="code",
    branch="self",
)

EMPLOYEE = entity(
    "employee",
    "Mitarbeiter",
    "Employee",
    text("initials", "Kürzel", "Initials", required=True, unique=True),
    text("first_name", "Vorname", "First name"),
    text("last_name", "Nachname", "Last name"),
    text("email", "E-Mail", "E-mail"),
    text("phone", "Telefon", "Phone"),
    choice("department", "Bereich", "Department", "sales", "after_sales", "administration"),
    ref("branch", "branch", "employees", "Betrieb", "Branch"),
    ref("manager", "employee", "reports", "Vorgesetzter", "Manager"),
    ref("deputy", "employee", "deputises_for", "Vertretung", "Deputy"),
    day("joined_on", "Eintritt", "Joined on"),
    day("left_on", "Austritt", "Left on"),
    key="initials",
    branch="branch",
)

EMPLOYEE_ROLE = entity(
    "employee_role",
    "Rolle eines Mitarbeiters",
    "Role of an employee",
    ref("employee", "employee", "roles", "Mitarbeiter", "Employee", required=True),
    text("role", "Rolle", "Role", required=True),
    branch="employee.branch",
)

ABSENCE = entity(
    "absence",
    "Abwesenheit",
    "Absence",
    ref("employee", "employee", "absences", "Mitarbeiter", "Employee", required=True),
    day("from_on", "Von", "From"),
    day("until_on", "Bis einschließlich", "Until and including"),
    choice("reason", "Grund", "Reason", "holiday", "illness", "training", "other"),
    ref("deputy", "employee", "deputy_in_absences", "Vertretung", "Deputy"),
    branch="employee.branch",
)

CUSTOMER = entity(
    "customer",
    "Kunde",
    "Customer",
    integer("number", "Kundennummer", "Number", required=True, unique=True),
    choice("kind", "Art", "Kind", "person", "company"),
    choice("status", "Status", "Status", "prospect", "customer", "former"),
    choice("salutation", "Anrede", "Salutation", "mr", "ms", "none"),
    text("title", "Titel", "Title"),
    text("first_name", "Vorname", "First name"),
    text("name", "Name", "Name"),
    text("name_addition", "Namenszusatz", "Name addition"),
    *ADDRESS,
    choice("language", "Sprache", "Language", "de", "en", "fr", "it"),
    day("birthday", "Geburtstag", "Birthday"),
    text("profession", "Beruf", "Profession"),
    choice("marital_status", "Familienstand", "Marital status", "single", "married", "divorced", "widowed"),
    integer("household_size", "Personen im Haushalt", "Household size"),
    choice("licence_class", "Führerscheinklasse", "Licence class", "A1", "A2", "A", "B", "BE", "C"),
    choice("preferred_channel", "Bevorzugter Kanal", "Preferred channel", "email", "sms", "phone", "letter"),
    choice("source", "Herkunft", "Source", "internet", "walk_in", "phone", "referral", "event", "campaign", "other"),
    ref("branch", "branch", "customers", "Betrieb", "Branch"),
    ref("salesperson", "employee", "customers_sold_to", "Verkäufer", "Salesperson"),
    ref("service_adviser", "employee", "customers_advised", "Serviceberater", "Service adviser"),
    ref("parent", "customer", "subsidiaries", "Muttergesellschaft", "Parent company"),
    ref("referred_by", "customer", "referrals", "Geworben von", "Referred by"),
    flag("deceased", "Verstorben", "Deceased"),
    flag("moved", "Unbekannt verzogen", "Moved away"),
    flag("advertising_suspended", "Werbung ausgesetzt", "Advertising suspended"),
    day("mail_returned_on", "Postrücklauf am", "Mail returned on"),
    day("address_checked_on", "Adresse geprüft am", "Address checked on"),
    day("customer_since_on", "Kunde seit", "Customer since"),
    day("recorded_on", "Erfasst am", "Recorded on"),
    day("vanished_on", "Fehlt in der Lieferung seit", "Missing from the export since"),
    key="number",
    branch="branch",
    customer="self",
    happened="recorded_on",
)

CONTACT_PERSON = entity(
    "contact_person",
    "Ansprechpartner",
    "Contact person",
    ref("customer", "customer", "contact_persons", "Firma", "Company", required=True),
    text("first_name", "Vorname", "First name"),
    text("last_name", "Nachname", "Last name"),
    text("department", "Abteilung", "Department"),
    text("position", "Funktion", "Position"),
    ref("superior", "contact_person", "subordinates", "Vorgesetzter", "Superior"),
    text("phone", "Telefon", "Phone"),
    text("mobile", "Mobil", "Mobile"),
    text("email", "E-Mail", "E-mail"),
    day("birthday", "Geburtstag", "Birthday"),
    long_text("remark", "Bemerkung", "Remark"),
    branch="customer.branch",
    customer="customer",
)

ENTITIES = (BRANCH, EMPLOYEE, EMPLOYEE_ROLE, ABSENCE, CUSTOMER, CONTACT_PERSON)
