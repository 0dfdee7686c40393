"""Vehicles and what belongs to one: options, warranties, recalls, storage."""

from __future__ import annotations

from engine.store.model.build import choice, day, entity, flag, integer, money, ref, text

KINDS = ("car", "motorcycle", "moped", "van", "truck", "motorhome", "trailer")
LICENCES = ("AM", "A1", "A2", "A", "B", "BE", "C")

VEHICLE = entity(
    "vehicle",
    "Fahrzeug",
    "Vehicle",
    text("vin", "Fahrgestellnummer", "VIN", required=True, unique=True),
    choice("kind", "Art", "Kind", *KINDS),
    text("brand", "Marke", "Brand"),
    text("model", "Modell", "Model"),
    text("type", "Typ", "Type"),
    text("colour", "Farbe", "Colour"),
    text("license_plate", "Amtliches Kennzeichen", "License plate"),
    day("first_registration_on", "Erstzulassung", "First registration"),
    integer("model_year", "Modelljahr", "Model year"),
    integer("odometer_km", "Kilometerstand", "Odometer"),
    day("odometer_read_on", "Kilometerstand vom", "Odometer read on"),
    integer("power_kw", "Leistung kW", "Power kW"),
    choice("fuel", "Kraftstoff", "Fuel", "petrol", "diesel", "electric", "hybrid", "plug_in_hybrid", "lpg", "cng"),
    choice("licence_class", "Führerscheinklasse", "Licence class", *LICENCES),
    choice("stock", "Bestandsart", "Stock", "new_vehicle", "used_vehicle", "demo_vehicle", "customer_vehicle"),
    day("available_on", "Verfügbar ab", "Available from"),
    money("price", "Preis", "Asking price"),
    money("market_value", "Marktwert", "Market value"),
    ref("branch", "branch", "vehicles", "Betrieb", "Branch"),
    ref("owner", "customer", "vehicles", "Eigentümer", "Owner"),
    ref("keeper", "customer", "kept_vehicles", "Halter", "Keeper"),
    day("next_inspection_on", "Nächste HU/§57a/MFK", "Next periodic inspection"),
    flag("inspection_booked", "Prüftermin gebucht", "Inspection booked"),
    day("inspection_summons_on", "MFK-Aufgebot vom", "Summons received on"),
    day("last_service_on", "Letzter Service", "Last service"),
    day("next_service_on", "Nächster Service", "Next service"),
    integer("next_service_km", "Nächster Service bei km", "Next service at km"),
    integer("season_from_month", "Saison von Monat", "Season from month"),
    integer("season_to_month", "Saison bis Monat", "Season to month"),
    day("vanished_on", "Fehlt in der Lieferung seit", "Missing from the export since"),
    key="vin",
    branch="branch",
    brand="brand",
    customer="owner",
    happened="available_on",
)

VEHICLE_OPTION = entity(
    "vehicle_option",
    "Ausstattung",
    "Option",
    ref("vehicle", "vehicle", "options", "Fahrzeug", "Vehicle", required=True),
    text("name", "Merkmal", "Name", required=True),
    branch="vehicle.branch",
    brand="vehicle.brand",
)

WARRANTY = entity(
    "warranty",
    "Garantie",
    "Warranty",
    text("number", "Nummer", "Number", unique=True),
    ref("vehicle", "vehicle", "warranties", "Fahrzeug", "Vehicle", required=True),
    ref("customer", "customer", "warranties", "Kunde", "Customer"),
    choice("kind", "Art", "Kind", "manufacturer", "extension", "battery", "mobility"),
    day("starts_on", "Beginn", "Starts on"),
    day("ends_on", "Ende", "Ends on"),
    key="number",
    branch="vehicle.branch",
    brand="vehicle.brand",
    customer="customer",
)

RECALL = entity(
    "recall",
    "Rückruf",
    "Recall",
    text("code", "Kennung", "Code", required=True, unique=True),
    text("brand", "Marke", "Brand"),
    text("title", "Titel", "Title"),
    flag("safety", "Sicherheitsrelevant", "Safety relevant"),
    day("issued_on", "Ausgegeben am", "Issued on"),
    key="code",
    brand="brand",
)

VEHICLE_RECALL = entity(
    "vehicle_recall",
    "Rückruf eines Fahrzeugs",
    "Recall of a vehicle",
    text("number", "Nummer", "Number", unique=True),
    ref("recall", "recall", "vehicles", "Rückruf", "Recall", required=True),
    ref("vehicle", "vehicle", "recalls", "Fahrzeug", "Vehicle", required=True),
    ref("customer", "customer", "recalls", "Kunde", "Customer"),
    day("matched_on", "Zugeordnet am", "Matched on"),
    day("done_on", "Erledigt am", "Done on"),
    key="number",
    branch="vehicle.branch",
    brand="vehicle.brand",
    customer="customer",
    happened="matched_on",
)

STORAGE_CONTRACT = entity(
    "storage_contract",
    "Einlagerung",
    "Storage contract",
    text("number", "Nummer", "Number", required=True, unique=True),
    ref("customer", "customer", "storage_contracts", "Kunde", "Customer", required=True),
    ref("vehicle", "vehicle", "storage_contracts", "Fahrzeug", "Vehicle"),
    choice("kind", "Art", "Kind", "wheels", "winter_vehicle"),
    day("starts_on", "Beginn", "Starts on", ground=True),
    day("ends_on", "Ende", "Ends on"),
    ref("branch", "branch", "storage_contracts", "Betrieb", "Branch"),
    key="number",
    branch="branch",
    customer="customer",
    happened="starts_on",
)

ENTITIES = (VEHICLE, VEHICLE_OPTION, WARRANTY, RECALL, VEHICLE_RECALL, STORAGE_CONTRACT)
